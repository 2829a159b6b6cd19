import type * as z from 'zod/mini';

type Read<T> = { success: true; data: T } | { success: false; issues: readonly z.core.$ZodIssue[] };

/**
 * What a schema makes of JSON that anyone can have written. zod compares whatever has a `length` with its limits, also
 * where it found a wrong type before, and throws for a length that is no primitive: `{"length": [{"toString": null}]}`.
 */
export function read<T>(schema: z.ZodMiniType<T>, value: unknown): Read<T> {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success ? parsed : { success: false, issues: parsed.error.issues };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { success: false, issues: [{ code: 'invalid_type', expected: 'values of other types' as 'object', path: [], message: '', input: value }] };
  }
}
