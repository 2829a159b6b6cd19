import type { Strategy } from '../../../src/protocol/primitives.ts';
import { NO_FAULTS } from '../core/faults.ts';
import { POISON, type Poison } from '../world/poison.ts';
import type { Act, AdminOp, DeviceOp, DeviceSpec, EditKind, Op, Scenario } from './scenario.ts';

const MINUTE = 60_000;

/** Small stories without any fault of their own, to plant one at each of their steps. */
export const CRASH_STORIES = { contested, poisoned } as const;
export type CrashStory = keyof typeof CRASH_STORIES;

/** New and contested work, audiences, conflicts settled at once and by a person, deletes, both ways of following. */
function contested(): Scenario {
  const story = new Story();
  story.edit(0, 'alice-1', 'create report');
  story.edit(1, 'alice-1', 'edit profile');
  story.at(2, 'alice-1', { do: 'sync' });
  story.edit(3, 'olga-1', 'create task', 0.4);
  story.at(4, 'olga-1', { do: 'sync' });
  story.at(3000, 'alice-2', { do: 'sync' });
  story.at(3000, 'olga-1', { do: 'sync' });
  // Everybody edits the same, unseen.
  story.edit(6000, 'alice-1', 'edit report', 0.5);
  story.edit(6000, 'alice-2', 'edit report', 0.6);
  story.edit(6001, 'alice-2', 'edit report', 0.5, { strategy: 'client_wins' });
  story.edit(6003, 'olga-1', 'handle report', 0.6);
  story.edit(6004, 'olga-1', 'visit task');
  story.at(6005, 'alice-1', { do: 'sync' });
  story.at(6010, 'alice-2', { do: 'sync' });
  story.at(6020, 'olga-1', { do: 'sync' });
  story.at(12_000, 'alice-1', { do: 'resolve', pick: 0, strategy: 'client_wins', shown: false });
  story.edit(12_000, 'olga-1', 'delete task');
  story.at(12_001, 'olga-1', { do: 'upload' });
  story.edit(16_000, 'alice-2', 'move report', 0.9);
  story.at(16_001, 'alice-2', { do: 'sync' });
  story.edit(20_000, 'alice-1', 'delete report');
  story.edit(20_001, 'alice-2', 'tag report');
  story.at(20_002, 'alice-1', { do: 'upload' });
  story.at(20_003, 'alice-2', { do: 'upload' });
  story.at(23_000, 'alice-2', { do: 'ask' });
  const devices = [device('alice', 'alice-1'), device('alice', 'alice-2', { follows: 'since' }), device('olga', 'olga-1', { pageLimit: 200 })];
  return { seed: 7, skewMs: 0, devices, acts: [story.act()] };
}

/** A batch that dies, with work behind it; one is redriven once all is well, the other discarded. */
function poisoned(): Scenario {
  const story = new Story();
  const poison = `${POISON} 0`;
  for (const name of ['olga-1', 'alice-1']) {
    story.edit(0, name, name === 'olga-1' ? 'create task' : 'create report', 0.1);
    story.at(1, name, { do: 'sync' });
    story.edit(3000, name, name === 'olga-1' ? 'edit task' : 'edit report', 0.1, { poison });
    story.at(3001, name, { do: 'upload' });
    story.edit(6000, name, name === 'olga-1' ? 'visit task' : 'tag report', 0.1);
    story.at(6001, name, { do: 'upload' });
  }
  story.admin(40 * MINUTE, { do: 'redrive', all: false, discard: true });
  story.at(40 * MINUTE + 3000, 'olga-1', { do: 'sync' });
  story.at(41 * MINUTE, 'alice-1', { do: 'sync' });
  const devices = [device('alice', 'alice-1', { waitMs: 0 }), device('olga', 'olga-1', { waitMs: 0 })];
  return { seed: 8, skewMs: 0, devices, acts: [story.act({ how: 'throws', text: poison })] };
}

class Story {
  readonly #ops: Op[] = [];

  at(time: number, device: string, op: DeviceOp): void {
    this.#ops.push({ id: this.#ops.length, at: time, device, op });
  }

  edit(time: number, device: string, kind: EditKind, variant = 0.1, more: { strategy?: Strategy; poison?: string } = {}): void {
    this.at(time, device, { do: 'edit', edit: { kind, pick: 0, variant, ...more } });
  }

  admin(time: number, op: AdminOp): void {
    this.#ops.push({ id: this.#ops.length, at: time, admin: op });
  }

  act(poison?: Poison): Act {
    return { ops: this.#ops, rates: NO_FAULTS, outages: [], poison, away: [], decides: false, lastsMs: 0, then: 'end' };
  }
}

function device(user: string, id: string, more: Partial<DeviceSpec> = {}): DeviceSpec {
  return {
    user,
    id,
    follows: 'cursor',
    basing: 'version',
    skewMs: 0,
    wrongTimes: undefined,
    pageLimit: 2,
    waitMs: 2000,
    hasty: false,
    remembersGone: false,
    ...more,
  };
}
