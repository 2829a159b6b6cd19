import type { ErrorCode, FieldError } from '../protocol/error-codes.ts';

/** A refusal that the caller is told, by code. `detail` is for people and holds nothing of the request or of others. */
export class SyncError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[];
  /** For answers that invite another try. */
  readonly retryAfterSeconds: number | undefined;
  /** Further members of the answer, such as the refreshed `conflict` of a `conflict_changed`. */
  readonly members: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    detail: string,
    more: { errors?: FieldError[]; retryAfterSeconds?: number; members?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, more.cause === undefined ? {} : { cause: more.cause });
    this.name = 'SyncError';
    this.code = code;
    this.errors = more.errors ?? [];
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.members = more.members ?? {};
  }
}

/**
 * Trouble on our side: throttled, timed out, unreachable. Adapters throw it for whatever a later try may cure; the
 * effect may have happened or not. Never a 4xx (P12).
 */
export class Trouble extends Error {
  /** `what`: operation and error name, for the log. */
  constructor(what: string, cause: unknown) {
    super(what, { cause });
    this.name = 'Trouble';
  }
}

/** A log with a hole: stop and alarm, never skip (P14). */
export class HoleInLog extends Error {
  readonly scope: string;
  readonly missing: number;

  constructor(scope: string, missing: number) {
    super(`hole in the log at ${missing}`);
    this.name = 'HoleInLog';
    this.scope = scope;
    this.missing = missing;
  }
}
