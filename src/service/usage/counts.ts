/** Numbers by name that only add up: what one day of use comes to. */
export type Counts = Record<string, number>;

/** Adds to what is there. Nothing is noted of a zero. */
export function add(counts: Counts, name: string, value = 1): void {
  if (value !== 0) counts[name] = (counts[name] ?? 0) + value;
}

export function sum(all: readonly Counts[]): Counts {
  const total: Counts = {};
  for (const counts of all) for (const [name, value] of Object.entries(counts)) add(total, name, value);
  return total;
}

/** Adds a time to its count, its sum, and its class: two classes to every doubling, so that all of a day fit one item. */
export function addTime(counts: Counts, name: string, ms: number): void {
  const time = Math.max(0, ms);
  add(counts, `${name}_count`);
  add(counts, `${name}_sum`, time);
  add(counts, `${name}_class_${classOf(time)}`);
}

export function averageOf(counts: Counts, name: string): number | null {
  const count = counts[`${name}_count`] ?? 0;
  return count === 0 ? null : Math.round((counts[`${name}_sum`] ?? 0) / count);
}

/** The time that this share of all did not exceed, rounded up to the end of its class: at most 42 % too much. */
export function percentileOf(counts: Counts, name: string, share: number): number | null {
  const count = counts[`${name}_count`] ?? 0;
  const classes = Object.entries(counts).flatMap(([key, times]) =>
    key.startsWith(`${name}_class_`) ? [{ number: Number(key.slice(name.length + 7)), times }] : [],
  );
  let seen = 0;
  for (const { number, times } of classes.sort((a, b) => a.number - b.number)) {
    seen += times;
    if (seen >= share * count) return endOf(number);
  }
  return null;
}

/** 0 for nothing; class k ends at 2^(k/2) ms. */
function classOf(ms: number): number {
  return ms <= 0 ? 0 : Math.max(1, Math.ceil(2 * Math.log2(ms)));
}

function endOf(number: number): number {
  return number === 0 ? 0 : Math.round(2 ** (number / 2));
}
