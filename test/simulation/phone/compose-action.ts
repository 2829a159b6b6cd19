import type { JsonObject } from '../../../src/protocol/json.ts';
import { pick } from '../../../src/engine/value.ts';
import type { Basing, DeviceSpec, Edit } from '../scenario/scenario.ts';
import type { HeldRecord } from './local-store.ts';

/** An action as it goes over the wire; frozen once it was sent. */
export type SentAction = { client_id: string; action_type: string; entity_type: string } & JsonObject;

/** What the phone knows when the user edits: what it downloaded, and what it made itself and has no answer for. */
export type Desk = {
  spec: DeviceSpec;
  clientId: string;
  /** The phone's own clock, ms. */
  now: number;
  held: readonly HeldRecord[];
  own: readonly OwnRecord[];
  /** Its own photos, and such as it must not name. */
  photos: readonly string[];
  strange: readonly string[];
};

/** A record that this phone created and does not hold yet. */
export type OwnRecord = { type: string; entityId: string };

type Target = OwnRecord & { held?: HeldRecord };

const CATEGORIES = ['roads', 'parks'] as const;
const STEPS = { report: ['in_progress', 'resolved', 'dismissed'], task: ['open', 'in_progress', 'done'] } as const;
const PEOPLE = ['alice', 'bob', null] as const;

/** Turns what a user does into an action; nothing when there is no record to do it to. */
export function composeAction(desk: Desk, edit: Edit): SentAction | undefined {
  const { spec, clientId } = desk;
  const { variant } = edit;
  const photo = oneOf(desk.photos, edit.photo ?? 0);
  const text = edit.poison === undefined ? `by ${clientId}` : `${edit.poison} by ${clientId}`;
  const of = <T>(list: readonly T[]): T => list[Math.floor(variant * list.length)] as T;
  const create = (type: string, data: JsonObject, id?: string) => finish(desk, edit, `create_${type}`, type, data, undefined, id);
  const change = (type: string, action: string, data: (target: Target) => JsonObject | undefined) => {
    const target = targetOf(desk, edit, type);
    const given = target && data(target);
    return target && given && finish(desk, edit, action, type, given, target);
  };
  switch (edit.kind) {
    case 'create report': {
      const data = { title: text, category: of(CATEGORIES), ...(variant > 0.5 ? { description: `${text}\nline two` } : {}) };
      return create('report', data, variant > 0.3 ? `r-${clientId}` : undefined);
    }
    case 'create shared report':
      return create('report', { title: text, category: 'roads' }, `shared-${spec.user}`);
    case 'edit report':
      return change('report', 'update_report', () => ({
        ...(variant < 0.7 ? { title: text } : {}),
        ...(variant > 0.4 ? { description: `${text}\nline two` } : {}),
      }));
    case 'tag report':
      return change('report', 'update_report', () => ({
        // Few different ones: a report has at most 20.
        tags: variant < 0.5 ? { $add: [`tag ${desk.now % 7}`] } : variant < 0.7 ? { $remove: ['tag'] } : ['tag', `set ${desk.now % 5}`],
      }));
    case 'move report':
      return change('report', 'update_report', () => ({ category: of(CATEGORIES) }));
    case 'handle report':
      return change('report', 'update_report', () => (variant < 0.5 ? { resolution_note: text } : { status: of(STEPS.report), resolution_note: text }));
    case 'delete report':
      return change('report', 'delete_report', () => ({}));
    case 'edit profile':
      return finish(desk, edit, 'update_profile', 'profile', variant < 0.6 ? { name: text } : { name: text, phone: text }, profileOf(desk));
    case 'create task': {
      const assignee = of(PEOPLE);
      const department = spec.user === 'otto' ? of(CATEGORIES) : 'roads';
      return create('task', { title: text, department, ...(assignee ? { assignee } : {}) }, variant > 0.3 ? `t-${clientId}` : undefined);
    }
    case 'edit task':
      return change('task', 'update_task', () => (spec.user.startsWith('o') && variant < 0.5 ? { title: text, notes: text } : { notes: text }));
    case 'assign task':
      return change('task', 'update_task', () => ({ assignee: of(PEOPLE) }));
    case 'visit task':
      return change('task', 'update_task', () => ({ visits: { $inc: 1 + Math.floor(variant * 5) } }));
    case 'set task status':
      return change('task', 'update_task_status', () => ({ status: of(STEPS.task) }));
    case 'delete task':
      return change('task', 'delete_task', () => ({}));
    case 'report with photos':
      return photo === undefined ? undefined : create('report', { title: text, category: of(CATEGORIES), photos: [photo] }, variant > 0.3 ? `r-${clientId}` : undefined);
    case 'add photos':
      return photo === undefined ? undefined : change('report', 'update_report', () => ({ ...(variant < 0.3 ? { title: text } : {}), photos: { $add: [photo] } }));
    case 'set photos':
      return change('report', 'update_report', () => ({ photos: variant < 0.25 ? [] : desk.photos.slice(0, 2) }));
    case 'drop photos':
      return change('report', 'update_report', ({ held }) => ({ photos: { $remove: photosOf(held).slice(0, variant < 0.5 ? 1 : 9) } }));
    case 'name a strange photo': {
      const strange = oneOf(desk.strange, edit.photo ?? 0) ?? 'never-announced';
      return change('report', 'update_report', () => ({ photos: variant < 0.5 ? [strange] : { $add: [strange] } }));
    }
    case 'send nonsense':
      return variant < 0.5 ? create('report', { category: 'roads' }) : finish(desk, edit, 'paint_report', 'report', { title: text });
  }
}

function oneOf<T>(list: readonly T[], pick: number): T | undefined {
  return list[Math.floor(pick * list.length)];
}

/** Photos that a record named when it was downloaded; one that nobody has, if none. */
function photosOf(held: HeldRecord | undefined): string[] {
  const ids = Object.keys(held?.states ?? {});
  return ids.length > 0 ? ids : ['never-announced'];
}

function profileOf({ spec, held }: Desk): Target {
  const mine = held.find((record) => record.type === 'profile');
  return { type: 'profile', entityId: spec.user, ...(mine ? { held: mine } : {}) };
}

/** Mostly few records, so that people meet. */
function targetOf({ held, own }: Desk, edit: Edit, type: string): Target | undefined {
  const downloaded = held.filter((record) => record.type === type);
  const ids = new Set(downloaded.map((record) => record.entityId));
  const targets: Target[] = [
    ...downloaded.map((record) => ({ type, entityId: record.entityId, held: record })),
    ...own.filter((record) => record.type === type && !ids.has(record.entityId)),
  ];
  targets.sort((a, b) => (a.entityId < b.entityId ? -1 : 1));
  return targets[Math.floor(edit.pick ** 2 * targets.length)];
}

function finish(desk: Desk, edit: Edit, actionType: string, type: string, data: JsonObject, target?: Target, newId?: string): SentAction {
  const { spec } = desk;
  const held = target?.held;
  const isDelete = actionType.startsWith('delete_');
  // Ids that the server gave are as good as one's own.
  const byNumber = held !== undefined && edit.variant > 0.85 && type !== 'profile';
  const entityId = byNumber ? held.serverId : (target?.entityId ?? newId);
  return {
    client_id: desk.clientId,
    action_type: actionType,
    entity_type: type,
    ...(entityId === undefined ? {} : { entity_id: entityId }),
    ...(held && (edit.variant * 10) % 1 < 0.7 ? { home: held.home } : {}),
    ...(isDelete ? {} : { data }),
    ...baseOf(spec.basing, held, data),
    timestamp: new Date(timeOf(spec, desk.now)).toISOString(),
    ...(edit.strategy ? { conflict_strategy: edit.strategy } : {}),
    ...(edit.variant > 0.93 ? { priority: Math.floor(edit.pick * 10) } : {}),
  };
}

function timeOf(spec: DeviceSpec, now: number): number {
  if (spec.wrongTimes === 'past') return Date.UTC(1999, 0, 1);
  return spec.wrongTimes === 'future' ? Date.UTC(2090, 0, 1) : now + spec.skewMs;
}

function baseOf(basing: Basing, held: HeldRecord | undefined, data: JsonObject): JsonObject {
  if (!held || basing === 'since' || basing === 'nothing') return {};
  if (basing === 'version') return { base_version: held.version };
  return { base_version: held.version, base: pick(held.fields, Object.keys(data)) };
}
