import type { Domain, EntityType, FieldSpec } from '../../src/engine/domain.ts';
import type { Claims } from '../../src/engine/model.ts';
import { fault } from '../../src/engine/validate.ts';
import type { Json } from '../../src/protocol/json.ts';

/*
 * A small domain with one field per merge rule, so that tests of the engine do not lean on the civic example. A note
 * lives with its owner and is shared with a team; a card is the one record of its type that a user has.
 */

function field(kind: FieldSpec['kind'], merge: FieldSpec['merge'], holds: (value: Json) => boolean): FieldSpec {
  return { kind, merge, check: (value) => (holds(value) ? undefined : 'Not a good value.') };
}

const isText = (value: Json) => typeof value === 'string';
const isNumber = (value: Json) => typeof value === 'number';
const isSetOfTexts = (value: Json) => Array.isArray(value) && value.length <= 50 && value.every(isText);

export const note: EntityType = {
  type: 'note',
  collection: 'notes',
  schemaVersion: 2,
  fields: {
    title: { ...field('scalar', 'latest', isText), required: true },
    color: field('scalar', 'latest', isText),
    body: field('text', 'text', (value) => typeof value === 'string' && value.length <= 100_000),
    labels: field('set', 'union', isSetOfTexts),
    votes: { ...field('counter', 'latest', (value) => Number.isSafeInteger(value) && (value as number) >= 0), initial: 0 },
    high: field('scalar', 'max', isNumber),
    low: field('scalar', 'min', isNumber),
    origin: { ...field('set', 'latest', isSetOfTexts), immutable: true },
    team: field('scalar', 'latest', isText),
    verdict: field('scalar', 'latest', isText),
  },
  actions: {
    create_note: { op: 'create', priority: 3, message: 'Note created' },
    update_note: { op: 'update', priority: 4, message: 'Note updated' },
    paint_note: { op: 'update', priority: 4, message: 'Note painted', fields: ['color'] },
    delete_note: { op: 'delete', priority: 5, message: 'Note deleted' },
  },
  upcast: ({ colour, ...data }, from) => (from === 1 ? { ...(colour === undefined ? {} : { color: colour }), ...data } : undefined),
  homeOf: (actor) => `user:${actor.sub}`,
  audienceOf: (fields) => (typeof fields['team'] === 'string' ? [`department:${fields['team']}`] : []),
  mayCreate: (actor, fields) => fields['title'] !== 'not for me' && actor.sub !== 'eve',
  editable: (actor, record) => {
    if (record.home === `user:${actor.sub}`) return new Set(Object.keys(note.fields).filter((name) => name !== 'verdict'));
    return isInTeam(actor, record.fields['team']) ? new Set(['color', 'body', 'labels', 'votes', 'high', 'low', 'verdict']) : new Set();
  },
  notAtCreation: new Set(['verdict']),
  mayDelete: (actor, record) => record.home === `user:${actor.sub}` && record.fields['color'] !== 'black',
  checkChange: (before, after) =>
    before?.['color'] === 'black' && after['color'] !== 'black' ? [fault('color', 'step', 'Black stays black.')] : [],
};

export const card: EntityType = {
  type: 'card',
  collection: 'card',
  schemaVersion: 1,
  fields: { nick: field('scalar', 'latest', isText), mood: field('scalar', 'latest', isText), marks: field('set', 'union', isSetOfTexts) },
  actions: { update_card: { op: 'upsert', priority: 6, message: 'Card updated' } },
  singletonId: (actor) => actor.sub,
  homeOf: (actor) => `user:${actor.sub}`,
  audienceOf: () => [],
  mayCreate: () => true,
  editable: (actor, record) => (record.home === `user:${actor.sub}` ? 'all' : new Set()),
  mayDelete: () => false,
};

function isInTeam(actor: Claims, team: Json | undefined): boolean {
  return actor.role === 'officer' && actor.departments.some((slug) => slug === team);
}

export const notes: Domain = {
  types: { note, card },
  scopesOf: (claims) => [`user:${claims.sub}`, ...claims.departments.map((slug) => `department:${slug}`)],
};
