import type { Strategy } from '../../../src/protocol/primitives.ts';
import { NO_FAULTS, type FaultRates, type Outage } from '../core/faults.ts';
import { Draws } from '../core/random.ts';
import { POISON } from '../world/poison.ts';
import { photoOps, photoOutages, takesPhotos } from './photo-ops.ts';
import type { Act, AdminOp, Basing, DeviceOp, DeviceSpec, Edit, EditKind, Op, Scenario } from './scenario.ts';

const MINUTE = 60_000;
const STRATEGIES: readonly (readonly [number, Strategy | undefined])[] = [
  [5, undefined],
  [1, 'server_wins'],
  [1.5, 'client_wins'],
  [1.5, 'merge'],
  [1, 'manual'],
];

/** The whole story of a seed. */
export function generate(seed: number): Scenario {
  const draws = new Draws(seed, 'scenario');
  const devices = devicesOf(draws);
  const second = draws.weighted<Act['then']>([
    [7, 'end'],
    [1, 'ninety days'],
    [1, 'restore'],
    [1, 'new epoch'],
  ]);
  let id = 0;
  const more = new Draws(seed, 'more');
  const photos = new Draws(seed, 'photos');
  const taken = takesPhotos(seed);
  const act = (then: Act['then'], size: number): Act => {
    const how = draws.pick(['throws', 'throws', 'dies'] as const);
    // Each act its own: what a healed act committed must not bite in the next.
    const poison = draws.chance(0.15) ? { how, text: `${POISON} ${id}` } : undefined;
    const placed = opsOf(draws, devices, size, poison?.text);
    const ofPhotos = taken ? photoOps(photos, devices, placed) : [];
    const ops = [...placed, ...moreOps(more, devices, placed), ...ofPhotos].sort((a, b) => a.at - b.at).map((op): Op => ({ ...op, id: id++ }));
    const away = devices.filter(() => draws.chance(0.3)).map((device) => device.id);
    const act: Act = { ops, rates: ratesOf(draws), outages: [...outagesOf(draws), ...(taken ? photoOutages(photos) : [])], poison, away, decides: draws.chance(0.5), lastsMs: 0, then };
    return more.chance(0.01) ? withLongOutage(more, act) : act;
  };
  const third = more.chance(0.15) ? more.pick<Act['then']>(['ninety days', 'restore', 'new epoch']) : undefined;
  const between = second === 'end' ? [] : [act(second, 0.7), ...(third ? [act(third, 0.4)] : [])];
  const acts = [...between, act('end', between.length === 0 ? 1 : 0.5)];
  return { seed, skewMs: draws.pick([0, 500, 5000]), devices, acts };
}

function devicesOf(draws: Draws): DeviceSpec[] {
  const counts: [string, number][] = [
    ['alice', draws.int(1, 3)],
    ['olga', draws.int(1, 2)],
    ['bob', draws.int(0, 1)],
    ['otto', draws.int(0, 1)],
  ];
  return counts.flatMap(([user, count]) =>
    Array.from({ length: count }, (_, i): DeviceSpec => {
      const basing = draws.weighted<Basing>([
        [4, 'version'],
        [2, 'version and values'],
        [2.5, 'since'],
        [1, 'nothing'],
      ]);
      return {
        user,
        id: `${user}-${i + 1}`,
        follows: draws.chance(basing === 'since' ? 0.7 : 0.25) ? 'since' : 'cursor',
        basing,
        skewMs: draws.pick([0, 0, 800, -3000, 90_000, -3_600_000, 7_200_000]),
        wrongTimes: draws.chance(0.08) ? draws.pick(['past', 'future'] as const) : undefined,
        pageLimit: draws.pick([1, 2, 3, 5, 20, 200]),
        waitMs: draws.pick([0, 0, 400, 2000, 5000]),
        hasty: draws.chance(0.18),
        remembersGone: draws.chance(0.5),
      };
    }),
  );
}

function ratesOf(draws: Draws): FaultRates {
  const heat = draws.weighted([
    [1.5, 0],
    [4, 1],
    [2, 4],
  ] as const);
  if (heat === 0) return NO_FAULTS;
  const rate = (usual: number, often = 0.7) => (draws.chance(often) ? usual * heat * draws.next() : 0);
  return {
    kill: rate(0.01),
    trouble: rate(0.02),
    pause: rate(0.01),
    network: Math.min(0.6, rate(0.2)),
    twice: Math.min(0.5, rate(0.25, 0.5)),
    stale: Math.min(0.8, rate(0.6)),
    moveBack: draws.chance(0.3) ? 0.5 : 0,
  };
}

const OUTAGES: readonly (readonly string[])[] = [
  ['queue'],
  ['queue.send'],
  ['log.put'],
  ['log'],
  ['entities'],
  ['actions.put'],
  ['inbox'],
  ['conflicts'],
  ['devices'],
  ['log', 'entities', 'actions', 'conflicts', 'inbox', 'devices'],
];

function outagesOf(draws: Draws): Outage[] {
  if (!draws.chance(0.25)) return [];
  const from = draws.int(0, 10 * MINUTE);
  const long = draws.weighted([
    [6, 30_000],
    [3, 4 * MINUTE],
    [1, 40 * MINUTE],
  ] as const);
  return [{ from, to: from + Math.ceil(long * draws.next()), ports: draws.pick(OUTAGES) }];
}

/** Hours in which some write fails, whatever is tried: longer than any row of retries. */
function withLongOutage(draws: Draws, act: Act): Act {
  const from = draws.int(0, 10 * MINUTE);
  const lastsMs = from + draws.int(4 * 60, 7 * 60) * MINUTE;
  return { ...act, lastsMs, outages: [...act.outages, { from, to: lastsMs, ports: draws.pick(LONG_OUTAGES) }] };
}

const LONG_OUTAGES: readonly (readonly string[])[] = [['log.put'], ['log.advance'], ['entities'], ['actions'], ['conflicts'], ['queue']];

export type Placed = { at: number } & ({ device: string; op: DeviceOp } | { admin: AdminOp });

/** A few bursts, in which everybody is busy at once, with quiet between. */
function opsOf(draws: Draws, devices: readonly DeviceSpec[], size: number, poison: string | undefined): Placed[] {
  const bursts = Math.max(2, Math.round(draws.int(3, 6) * size));
  const ops: Placed[] = [];
  let begin = 0;
  for (let burst = 0; burst < bursts; burst++) {
    const spread = draws.pick([200, 1000, 8000]);
    for (const { id: device, hasty } of devices) {
      if (draws.chance(0.25)) continue;
      const add = (op: DeviceOp, more = 0) => ops.push({ at: begin + more + draws.int(0, spread), device, op });
      const edits = burst === 0 ? draws.int(1, 2) : draws.int(0, 3);
      for (let i = 0; i < edits; i++) {
        // More than one batch holds, now and then.
        const times = burst > 0 && draws.chance(0.015) ? { times: draws.int(26, 32) } : {};
        add({ do: 'edit', edit: editOf(draws, device, burst, poison), ...times });
      }
      add({ do: draws.weighted<'sync' | 'upload' | 'download'>([[8, 'sync'], [1, 'upload'], [1, 'download']]) }, draws.pick([0, spread]));
      if (draws.chance(0.3)) add({ do: 'sync' }, spread);
      if (hasty && burst > 0 && draws.chance(0.5)) {
        // Twice the same thing, the second without waiting for a word on the first.
        const edit = { ...editOf(draws, device, burst, poison), pick: 0 };
        for (const more of [0, 1500]) ops.push({ at: begin + more, device, op: { do: 'edit', edit } }, { at: begin + more + 20, device, op: { do: 'upload' } });
      }
      if (draws.chance(0.25)) add(rareOf(draws, device), draws.int(0, spread));
    }
    begin += draws.pick([3000, 20_000, 3 * MINUTE, 9 * MINUTE]);
  }
  if (poison !== undefined || draws.chance(0.05)) {
    for (let i = draws.int(1, 3); i > 0; i--) {
      const redrive = { do: 'redrive' as const, discard: draws.chance(0.35), all: draws.chance(0.5) };
      ops.push({ at: draws.int(10 * MINUTE, 90 * MINUTE), admin: redrive });
    }
  }
  if (draws.chance(0.2)) ops.push({ at: draws.int(MINUTE, begin), admin: { do: 'settle', pick: draws.next(), strategy: decisionOf(draws) } });
  return ops.sort((a, b) => a.at - b.at);
}

/** What came to mind later: drawn apart, so that stories stay what they were. */
function moreOps(draws: Draws, devices: readonly DeviceSpec[], placed: readonly Placed[]): Placed[] {
  const ops: Placed[] = [];
  const end = Math.max(MINUTE, ...placed.map(({ at }) => at));
  for (const { id: device } of devices) {
    if (draws.chance(0.04)) {
      const skewMs = draws.pick([0, -7_200_000, 86_400_000, -40 * 86_400_000]);
      ops.push({ at: draws.int(0, end), device, op: { do: 'set the clock', skewMs } });
    }
    if (!draws.chance(0.12)) continue;
    // Edits one record again and again, and gives each upload up before there is an answer.
    const edit = { ...editOf(draws, device, 1, undefined), pick: 0 };
    const at = draws.pick(placed.length > 0 ? placed.map((op) => op.at) : [0]) + 3000;
    const [pause, until] = [draws.pick([60, 300, 1500]), draws.int(5, 40) * 1000];
    for (let i = 0; i < 3; i++) ops.push({ at: at + i * pause, device, op: { do: 'edit', edit } }, { at: at + i * pause + 20, device, op: { do: 'upload', impatient: true } });
    ops.push({ at: at + until, device, op: { do: 'sync' } });
  }
  if (draws.chance(0.02)) ops.push({ at: draws.int(0, end), admin: { do: 'lose the queues' } });
  return ops;
}

function rareOf(draws: Draws, device: string): DeviceOp {
  if (device.startsWith('o') && draws.chance(0.08)) {
    return { do: 'get a new token', departments: draws.pick([[], ['roads'], ['parks'], ['roads', 'parks']]) };
  }
  return draws.weighted<DeviceOp>([
    [6, { do: 'resolve', pick: draws.next(), strategy: decisionOf(draws), shown: draws.chance(0.6) }],
    [2, { do: 'ask' }],
    [1, { do: 'status' }],
    [2, { do: 'restart' }],
    [1, { do: 'reinstall' }],
    [1, { do: 'corrupt cursor' }],
    [1, { do: 'go back to backup' }],
    [1, { do: 'retry failed' }],
    [1, { do: 'ask for types', types: draws.pick([undefined, ['report'], ['task', 'profile']]) }],
    [1, { do: 'reuse id', pick: draws.next() }],
  ]);
}

function decisionOf(draws: Draws): Strategy {
  return draws.pick(['server_wins', 'client_wins', 'merge', 'manual'] as const);
}

const CITIZEN: readonly (readonly [number, EditKind])[] = [
  [2, 'create report'],
  [0.7, 'create shared report'],
  [5, 'edit report'],
  [2, 'tag report'],
  [1, 'move report'],
  [0.8, 'delete report'],
  [2, 'edit profile'],
  [2, 'visit task'],
  [1, 'set task status'],
  [1, 'edit task'],
  [0.3, 'send nonsense'],
];

const OFFICER: readonly (readonly [number, EditKind])[] = [
  [2, 'create task'],
  [4, 'edit task'],
  [1.5, 'assign task'],
  [3, 'visit task'],
  [1.5, 'set task status'],
  [0.8, 'delete task'],
  [3, 'handle report'],
  [0.5, 'edit profile'],
  [0.3, 'send nonsense'],
];

function editOf(draws: Draws, device: string, burst: number, poison: string | undefined): Edit {
  const officer = device.startsWith('o');
  const first = officer ? 'create task' : 'create report';
  const kind = burst === 0 && draws.chance(0.7) ? first : draws.weighted(officer ? OFFICER : CITIZEN);
  const strategy = draws.weighted(STRATEGIES);
  return {
    kind,
    pick: draws.next(),
    variant: draws.next(),
    ...(strategy ? { strategy } : {}),
    ...(poison !== undefined && draws.chance(0.12) ? { poison } : {}),
  };
}
