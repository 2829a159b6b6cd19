/**
 * What a day of use came to, in parts: each is added to by one source, in the order of its changes. The order up to
 * which a part has come is noted in the same write that adds, so that nothing counts twice.
 */
export type UsageStore = {
  /** Strong. */
  reached(day: string, part: string): Promise<string | undefined>;
  /** Adds counts if the part has still come as far as `reached` says, and is at `order` then. False: nothing was written. */
  add(day: string, part: string, change: { reached: string | undefined; order: string; counts: Record<string, number> }): Promise<boolean>;
  /** All parts together. */
  day(day: string): Promise<Record<string, number>>;
};
