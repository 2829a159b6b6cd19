export type Clock = {
  /** ms since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
};
