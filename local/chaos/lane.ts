/**
 * Runs that share a stack at the same time keep apart by a tag, `s` and a number, at the end of every user, department
 * and device that is theirs. What belongs to no run, or to all, has the lane of everyone.
 */
export type Lane = string;

export const EVERYONE: Lane = '';

/** The lane of which a text speaks first. */
export function laneIn(text: string): Lane {
  return /-(s\d+)\b/.exec(text)?.[1] ?? EVERYONE;
}

/** What is set for a lane: else what is set for everyone, else what any other lane has. */
export function ofLane<T>(lanes: ReadonlyMap<Lane, T>, lane: Lane): T | undefined {
  return lanes.get(lane) ?? lanes.get(EVERYONE) ?? (lane === EVERYONE ? lanes.values().next().value : undefined);
}
