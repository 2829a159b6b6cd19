/** UTF-8 bytes of a parsed value as JSON; what is absent has none. The guard has made sure that it is not deep. */
export function jsonBytes(value: unknown): number {
  return value === undefined || value === null ? 0 : Buffer.byteLength(JSON.stringify(value));
}
