/** Version of the wire contract; the base path carries its major number. Changes are additive within a version. */
export const PROTOCOL_VERSION = '1.0';

/** Every sync and admin route lives below this path; `/healthz` does not. */
export const BASE_PATH = '/api/v1';
