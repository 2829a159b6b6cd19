import type { JsonObject } from '../../../src/protocol/json.ts';
import type { Strategy } from '../../../src/protocol/primitives.ts';
import type { WireAction } from '../../../src/protocol/upload.ts';
import type { Crew, Link, Member } from './crew.ts';

const STRATEGIES: readonly (Strategy | undefined)[] = [undefined, undefined, undefined, 'server_wins', 'client_wins', 'merge', 'manual'];

/** One thing that a user does offline, by their dice: make a record, edit one, or delete one. */
export function act(crew: Crew, member: Member): void {
  const { dice } = member;
  const target = choose(crew, member);
  if (target === undefined || dice.hits(0.12)) return create(crew, member);
  if (dice.hits(0.06)) return note(member, member.phone.delete(target.type, target.id));
  const strategy = dice.pick(STRATEGIES);
  const more = strategy === undefined ? {} : { conflict_strategy: strategy };
  note(member, member.phone.edit(target.type, target.id, edit(crew, member, target), more));
}

/** Mostly what the device shows; sometimes what somebody else sent a link to. */
function choose({ links }: Crew, { dice, phone }: Member): Link | undefined {
  const shown = links.filter(({ type, id }) => phone.shown(type, id) !== undefined);
  const among = dice.hits(0.05) ? links : shown;
  // Few records, so that people meet.
  return among.length === 0 ? undefined : dice.pick(among.slice(-6));
}

export function create(crew: Crew, member: Member): void {
  const { claims, dice, phone } = member;
  const category = `${dice.hits(0.7) ? 'roads' : 'water'}-${crew.tag}`;
  const task = claims.role === 'officer' && dice.hits(0.6);
  const data: JsonObject = task
    ? { department: `roads-${crew.tag}`, title: `Task ${member.done.length}`, assignee: `alice-${crew.tag}` }
    : { title: `Report ${member.done.length}`, category };
  const action = phone.create(task ? 'task' : 'report', data);
  crew.links.push({ type: task ? 'task' : 'report', id: action.client_id });
  note(member, action);
}

/** Every value is written once in the world: where it went can be told. Counters are only ever counted up, alone. */
function edit(crew: Crew, { claims, dice, phone, done }: Member, { type }: Link): JsonObject {
  const unique = `${phone.deviceId} ${done.length}`;
  const officer = claims.role === 'officer';
  if (type === 'task' && dice.hits(0.5)) return { visits: { $inc: dice.int(1, 3) } };
  const fields = type === 'task'
    ? (officer ? ['title', 'notes', 'assignee'] : ['notes'])
    : (officer ? ['resolution_note', 'status'] : ['title', 'description', 'category', 'tags']);
  const field = dice.pick(fields);
  switch (field) {
    case 'assignee':
      return { assignee: dice.pick([null, `alice-${crew.tag}`, `bob-${crew.tag}`]) };
    case 'status':
      return { status: dice.pick(['in_progress', 'resolved', 'dismissed']) };
    case 'category':
      return { category: `${dice.pick(['roads', 'water'])}-${crew.tag}` };
    case 'tags':
      return { tags: dice.hits(0.7) ? { $add: [unique] } : [unique] };
    default:
      return dice.hits(0.3) && type === 'report' && !officer ? { [field]: unique, longitude: dice.int(1, 90) } : { [field]: unique };
  }
}

function note(member: Member, action: WireAction): void {
  const { claims, phone } = member;
  const held = action.entity_id === undefined ? undefined : phone.holdings.find(action.entity_type, String(action.entity_id));
  member.done.push({ user: claims.sub, device: phone.deviceId, action, heldVersion: held?.version });
}
