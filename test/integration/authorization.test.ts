import { describe, expect, it } from 'vitest';
import { PEOPLE, RECORDS, Town, type Answered, type Name, type RecordName } from '../support/matrix/town.ts';

/** What someone may do with a record; what is missing is forbidden. `hidden`: it is as if it did not exist. */
type Rights = readonly Operation[] | 'hidden';
type Operation = 'read' | 'title' | 'notes' | 'status' | 'delete';

const ALL: Rights = ['read', 'title', 'notes', 'status', 'delete'];
/** Rights of the author of a report, of officers of its department, of whom a task is assigned to. */
const AUTHOR: Rights = ['read', 'title', 'notes', 'delete'];
const OFFICER: Rights = ['read', 'status'];
const ASSIGNEE: Rights = ['read', 'notes', 'status'];

/** Role by record: own, of one's scope, of another person, of another department. */
const MATRIX: Readonly<Record<Name, Readonly<Record<RecordName, Rights>>>> = {
  alice: { 'alice-report': AUTHOR, 'bob-report': 'hidden', 'roads-task': ASSIGNEE, 'parks-task': 'hidden' },
  bob: { 'alice-report': 'hidden', 'bob-report': AUTHOR, 'roads-task': 'hidden', 'parks-task': 'hidden' },
  olga: { 'alice-report': OFFICER, 'bob-report': 'hidden', 'roads-task': ALL, 'parks-task': 'hidden' },
  pia: { 'alice-report': 'hidden', 'bob-report': OFFICER, 'roads-task': 'hidden', 'parks-task': ALL },
  otto: { 'alice-report': 'hidden', 'bob-report': 'hidden', 'roads-task': 'hidden', 'parks-task': 'hidden' },
  root: { 'alice-report': 'hidden', 'bob-report': 'hidden', 'roads-task': 'hidden', 'parks-task': 'hidden' },
};

/** How a request names a record, and how it names one that never was in the same words. */
const WAYS = ['id', 'id and home', 'server id', 'server id as text'] as const;
type Way = (typeof WAYS)[number];
const UNKNOWN = { id: 'never-was', serverId: 999_999 };

const CASES = (Object.keys(MATRIX) as Name[]).flatMap((name) => (Object.keys(RECORDS) as RecordName[]).map((record) => ({ name, record, rights: MATRIX[name][record] })));

function namesOf(town: Town, record: RecordName, way: Way, known: boolean): { entity_id: string | number; home?: string } {
  const serverId = known ? town.serverId(record) : UNKNOWN.serverId;
  if (way === 'server id') return { entity_id: serverId };
  if (way === 'server id as text') return { entity_id: String(serverId) };
  return { entity_id: known ? record : UNKNOWN.id, ...(way === 'id and home' ? { home: RECORDS[record].home } : {}) };
}

async function perform(town: Town, name: Name, record: RecordName, operation: Operation, way: Way, known = true): Promise<Answered> {
  const { type } = RECORDS[record];
  const named = namesOf(town, record, way, known);
  const client_id = `${operation}-${WAYS.indexOf(way)}`;
  if (operation === 'read') return town.ask(PEOPLE[name], 'GET', `sync/records/${type}/${named.entity_id}`);
  if (operation === 'delete') return town.act(PEOPLE[name], { client_id, action_type: `delete_${type}`, entity_type: type, ...named });
  const notes = type === 'task' ? { notes: 'New' } : { description: 'New' };
  const status = type === 'task' ? { status: 'done' } : { status: 'resolved' };
  const data = { title: { title: 'New' }, notes, status }[operation];
  return town.act(PEOPLE[name], { client_id, action_type: `update_${type}`, entity_type: type, ...named, data });
}

/** In one word what an answer says. */
function verdict({ status, body }: Answered): string {
  const [result] = (body['results'] ?? []) as { status: string; error?: { code: string }; version?: number }[];
  if (!result) return status === 200 ? 'allowed' : String(body['code']);
  if (result.status !== 'success') return result.error?.code ?? result.status;
  return result.version === undefined ? 'no effect' : 'allowed';
}

const VISIBLE = CASES.filter(({ rights }) => rights !== 'hidden');
const HIDDEN = CASES.filter(({ rights }) => rights === 'hidden');

describe('what someone may do with a record (P10)', () => {
  it.each(VISIBLE)('$name with $record: $rights', async ({ name, record, rights }) => {
    for (const operation of ALL) {
      for (const way of WAYS) {
        const town = await Town.build();
        const before = await town.fieldsOf(record);
        const words = `${operation} by ${way}`;
        const allowed = rights.includes(operation);
        expect([words, verdict(await perform(town, name, record, operation, way))]).toEqual([words, allowed ? 'allowed' : 'forbidden']);
        if (allowed && operation !== 'read') expect(await town.fieldsOf(record), words).not.toEqual(before);
        else expect(await town.fieldsOf(record), words).toEqual(before);
      }
    }
  });

  it.each(HIDDEN)('$name can not tell $record from what never was: not by status, words, headers, nor by what is read', async ({ name, record }) => {
    const [here, there] = [await Town.build(), await Town.build()];
    const before = await here.fieldsOf(record);
    const granted = [`user:${name}`, ...PEOPLE[name].departments.map((slug) => `department:${slug}`)];
    for (const operation of ALL) {
      for (const way of WAYS) {
        const hidden = await perform(here, name, record, operation, way);
        const unknown = await perform(there, name, record, operation, way, false);
        expect(verdict(hidden)).toBe(operation === 'delete' ? 'no effect' : 'not_found');
        expect(plain(hidden, here, record)).toEqual(plain(unknown, there, record));
        expect(here.asked).toEqual(there.asked);
        expect(granted).toEqual(expect.arrayContaining(here.scopesQueued));
      }
    }
    expect(await here.fieldsOf(record)).toEqual(before);
  });
});

/** An answer without the ids that its request had. */
function plain({ status, headers, body }: Answered, town: Town, record: RecordName): unknown {
  const text = JSON.stringify(body).replaceAll(record, UNKNOWN.id).replaceAll(`"${town.serverId(record)}"`, `"${UNKNOWN.serverId}"`);
  return { status, headers, body: JSON.parse(text) as unknown };
}
