import type { Claims } from '../../../src/engine/model.ts';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import type { FaultRates, Outage } from '../core/faults.ts';
import type { ArrivalEvent } from '../world/bucket.ts';
import type { Poison } from '../world/poison.ts';

/** How an app says what an edit was based on. */
export type Basing = 'version' | 'version and values' | 'since' | 'nothing';

export type DeviceSpec = {
  user: string;
  id: string;
  /** What it hands in to go on downloading. */
  follows: 'cursor' | 'since';
  basing: Basing;
  /** How wrong its clock is, ms. */
  skewMs: number;
  /** Its action times are nonsense: long ago, or in the far future. */
  wrongTimes: 'past' | 'future' | undefined;
  pageLimit: number;
  waitMs: number;
  /** Breaks a rule: sends what is new before what had no answer. */
  hasty: boolean;
  /** Remembers the versions of what is gone. */
  remembersGone: boolean;
};

export type EditKind =
  | 'create report'
  | 'create shared report'
  | 'edit report'
  | 'tag report'
  | 'move report'
  | 'handle report'
  | 'delete report'
  | 'edit profile'
  | 'create task'
  | 'edit task'
  | 'assign task'
  | 'visit task'
  | 'set task status'
  | 'delete task'
  | 'send nonsense'
  | 'report with photos'
  | 'add photos'
  | 'set photos'
  | 'drop photos'
  /** Breaks a rule: names somebody else's photo, or none at all. */
  | 'name a strange photo';

/** One thing that a user does offline. `pick`, `variant`, `photo`: which record, values and photo, 0 ≤ x < 1. */
export type Edit = { kind: EditKind; pick: number; variant: number; strategy?: Strategy; poison?: string; photo?: number };

/** What becomes of the bytes of a photo; `wrong`: others come than were announced, past all that a link is for. */
export type Sending = { bytes: 'right' | 'wrong' | 'none'; afterMs: number; takesMs: number; event: ArrivalEvent };

export type PhotoOp =
  | { do: 'take a photo'; sending: Sending }
  /** The same announcement once more, or (`other`) other content under its id. */
  | { do: 'announce again'; pick: number; sending: Sending; other: boolean }
  /** Looks at a photo of a report that the phone holds. */
  | { do: 'see a photo'; pick: number };

export type DeviceOp =
  | PhotoOp
  | { do: 'edit'; edit: Edit; times?: number }
  | { do: 'sync' | 'download' | 'ask' | 'status' }
  /** Impatient: it gives up before there is an answer, and does not try again by itself. */
  | { do: 'upload'; impatient?: true }
  /** The app is closed: whatever it waits for is never heard of. */
  | { do: 'restart' }
  | { do: 'reinstall' | 'corrupt cursor' | 'go back to backup' | 'retry failed' }
  /** Asks for these types from now on. */
  | { do: 'ask for types'; types: readonly string[] | undefined }
  /** Its user now works for these departments; nobody else has to know. */
  | { do: 'get a new token'; departments: readonly string[] }
  | { do: 'set the clock'; skewMs: number }
  /** Sends an old client_id with other content. */
  | { do: 'reuse id'; pick: number }
  | { do: 'resolve'; pick: number; strategy: Strategy; shown: boolean };

export type AdminOp =
  | { do: 'redrive'; discard: boolean; all: boolean }
  | { do: 'settle'; pick: number; strategy: Strategy }
  /** Everything in both queues is gone; operators put back what they should hold. */
  | { do: 'lose the queues' };

/** Something that happens at a time, ms after the act began. Each can be left out for itself. */
export type Op = { id: number; at: number } & ({ device: string; op: DeviceOp } | { admin: AdminOp });

/** A stretch of the story, and what comes after it: 95 quiet days, a restore from an earlier state, a raised epoch. */
export type Act = {
  ops: Op[];
  rates: FaultRates;
  outages: Outage[];
  poison: Poison | undefined;
  /** Devices that stay away at its end. */
  away: string[];
  /** Are all open conflicts decided at its end? */
  decides: boolean;
  /** It goes on at least as long, ms: an outage may outlast all that people do. */
  lastsMs: number;
  then: 'end' | 'ninety days' | 'restore' | 'new epoch';
};

export type Scenario = { seed: number; skewMs: number; devices: DeviceSpec[]; acts: Act[] };

export const PEOPLE: Readonly<Record<string, Claims>> = {
  alice: { sub: 'alice', role: 'citizen', departments: [] },
  bob: { sub: 'bob', role: 'citizen', departments: [] },
  olga: { sub: 'olga', role: 'officer', departments: ['roads'] },
  otto: { sub: 'otto', role: 'officer', departments: ['roads', 'parks'] },
  ada: { sub: 'ada', role: 'admin', departments: [] },
  abe: { sub: 'abe', role: 'admin', departments: [] },
};

export function person(name: string): Claims {
  const claims = PEOPLE[name];
  if (!claims) throw new Error(`nobody is called ${name}`);
  return claims;
}
