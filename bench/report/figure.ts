/** One figure of a run. `goal`: it should be at most this. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: number | null;
  /** Taken with a clock: it tells something of this machine, and misses no goal. */
  readonly timed?: true;
};

/** A table for people. */
export type Table = { readonly title: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** What a section of the benchmark gives. */
export type Report = { readonly figures: readonly Figure[]; readonly tables: readonly Table[]; readonly notes?: readonly string[] };

/** Tells how far a section is. */
export type Progress = (what: string) => void;

/** Figures that were counted, not timed, and are above their goal. */
export function missed(figures: readonly Figure[]): Figure[] {
  return figures.filter(({ goal, value, timed }) => goal !== null && !timed && value > goal);
}

/** What goes into the file of `--json`. */
export function toRow({ name, value, unit, goal }: Figure): { name: string; value: number; unit: string; goal: number | null } {
  return { name, value: Number(value.toFixed(4)), unit, goal };
}
