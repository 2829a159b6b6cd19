/** Every code that an error answer can carry, with its HTTP status (protocol.md, Errors). The one list: the mapper reads it. */
export const ERROR_CODES = {
  malformed_request: { status: 400, title: 'Malformed request', retryable: false },
  malformed_json: { status: 400, title: 'The body is not valid JSON', retryable: false },
  unauthorized: { status: 401, title: 'A valid bearer token is required', retryable: false },
  token_expired: { status: 401, title: 'The token has expired', retryable: false },
  forbidden: { status: 403, title: 'Not allowed', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  client_id_reused: { status: 409, title: 'The client_id belongs to something else', retryable: false },
  already_resolved: { status: 409, title: 'The conflict is already resolved', retryable: false },
  conflict_changed: { status: 409, title: 'The conflict has changed since it was shown', retryable: false },
  too_large: { status: 413, title: 'Too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'Unsupported media type', retryable: false },
  validation_failed: { status: 422, title: 'The request is not valid', retryable: false },
  too_many_pending: { status: 429, title: 'Too many pending actions', retryable: true },
  too_many_devices: { status: 429, title: 'Too many devices', retryable: false },
  too_many_attachments: { status: 429, title: 'Too many attachments today', retryable: true },
  unavailable: { status: 503, title: 'Temporarily unavailable', retryable: true },
  internal: { status: 503, title: 'Temporarily unavailable', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Why an action was refused for good: `error.code` of a result with status `rejected`. */
export const REJECTION_CODES = [
  'validation_failed',
  'forbidden',
  'not_found',
  'unknown_action',
  'client_id_reused',
  'too_large',
  'unsupported_schema_version',
  'discarded',
] as const;

export type RejectionCode = (typeof REJECTION_CODES)[number];

/** One fault of a request or an action. `pointer` is a JSON pointer (RFC 6901) into the request. */
export type FieldError = { pointer: string; code: string; message: string };
