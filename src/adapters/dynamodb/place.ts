/** A place in a listing of more than one key, as text. */
export function writePlace(parts: readonly (string | number)[]): string {
  return JSON.stringify(parts);
}

/** Reads a place; nothing if it is not one of these kinds: it may come from a client. */
export function readPlace<const Kinds extends readonly ('string' | 'number')[]>(
  text: string,
  kinds: Kinds,
): { [I in keyof Kinds]: Kinds[I] extends 'number' ? number : string } | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  const ours =
    Array.isArray(parts) &&
    parts.length === kinds.length &&
    parts.every((part, i) => typeof part === kinds[i] && part !== '' && (typeof part !== 'string' || part.isWellFormed()));
  return ours ? (parts as unknown as { [I in keyof Kinds]: Kinds[I] extends 'number' ? number : string }) : undefined;
}
