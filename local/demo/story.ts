import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenClaims } from '../token/local-issuer.ts';
import type { WireConflict } from '../../src/protocol/conflict.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { Api } from './api.ts';
import { Phone } from './phone.ts';
import { NotAsTold, type Screen } from './screen.ts';

/** Where the story is set: a stack, and someone who signs its tokens. */
export type Stage = { url: string; sign: (claims: TokenClaims) => Promise<string> };

/** How long an officer's desk waits for news, ms. Usually it is a fraction of a second. */
const PATIENCE_MS = 30_000;

/**
 * Two phones of one citizen edit one report offline; a conflict is found and settled; an officer takes the report on.
 * Everyone in it is new, so it can be told again on the same stack. Throws `NotAsTold` when something is not as told.
 */
export async function tell(stage: Stage, screen: Screen): Promise<void> {
  const run = randomUUID().slice(0, 6);
  const department = `roads-${run}`;
  const alice = { sub: `alice-${run}`, role: 'citizen' };
  const olga = { sub: `olga-${run}`, role: 'officer', departments: [department] };
  const [aliceApi, olgaApi] = [new Api(stage.url, await stage.sign(alice)), new Api(stage.url, await stage.sign(olga))];
  const device = (api: Api, deviceId: string) => new Phone(patient(api), { deviceId: `${deviceId}-${run}` });
  const [phone, tablet, desk] = [device(aliceApi, 'phone'), device(aliceApi, 'tablet'), device(olgaApi, 'desk')];
  const name = { phone, tablet, desk };

  const id = await reportOffline(screen, name, department);
  const conflict = await editOnBoth(screen, name, id);
  await decide(screen, name, aliceApi, conflict, id);
  await takeOn(screen, name, id);
  await loseAnAnswer(screen, phone, aliceApi);
  screen.chapter('In the end');
  const held = Object.entries(name).map(([who, { holdings }]) => ({ who, report: holdings.find('report', id) }));
  for (const { who, report } of held) screen.line(who, shortly(report));
  const same = new Set(held.map(({ report }) => JSON.stringify({ ...report, scope: '' })));
  screen.fact(same.size === 1, 'all three hold the same report, version for version');
  const health = await aliceApi.status(phone.deviceId);
  screen.fact(health.pending_uploads === 0 && health.sync_health === 'good', 'nothing is pending, sync health is good');
}

type Devices = { phone: Phone; tablet: Phone; desk: Phone };

/** Waits for outcomes as long as the API allows: a story is no measurement. */
function patient(api: Api) {
  return {
    upload: (body: Parameters<Api['upload']>[0]) => api.upload(body, { prefer: 'wait=20' }),
    download: api.download.bind(api),
  };
}

async function reportOffline(screen: Screen, { phone, tablet }: Devices, department: string): Promise<string> {
  screen.chapter('Alice reports a pothole, with no network');
  const id = phone.create('report', { title: 'Pothole on Main Street', description: 'Large.', category: department }).client_id;
  screen.line('phone', `${shortly(phone.shown('report', id))}, ${phone.outbox.length} action waits to be sent`);
  screen.line('tablet', 'knows nothing of it');

  screen.chapter('The network is back: the phone uploads, the tablet downloads');
  const [result] = (await phone.sync())?.results ?? [];
  screen.line('phone', `upload: ${result?.status}, server_id ${result?.server_id}: "${result?.message}"`);
  screen.fact(result?.status === 'success' && Number.isInteger(result.server_id), 'the report has its number in the same answer');
  await tablet.sync();
  screen.line('tablet', shortly(tablet.holdings.find('report', id)));
  screen.fact(tablet.holdings.find('report', id)?.id === result?.server_id, 'the tablet holds it too');
  return id;
}

async function editOnBoth(screen: Screen, { phone, tablet }: Devices, id: string): Promise<WireConflict> {
  screen.chapter('Both are offline again, and Alice edits the report on both');
  phone.edit('report', id, { title: 'Deep pothole on Main Street' });
  tablet.edit('report', id, { title: 'Pothole on Main Street, by the bakery', tags: ['urgent'] });
  screen.line('phone', shortly(phone.shown('report', id)));
  screen.line('tablet', shortly(tablet.shown('report', id)));

  screen.chapter('Both come back: the phone first, then the tablet');
  const [first] = (await phone.sync())?.results ?? [];
  screen.line('phone', `upload: ${first?.status}`);
  const answer = await tablet.sync();
  const [second] = answer?.results ?? [];
  screen.line('tablet', `upload: ${second?.status}, ${second?.resolution}`);
  const [conflict] = answer?.conflicts ?? [];
  if (!conflict || first?.status !== 'success' || second?.status !== 'conflict') throw new NotAsTold('The tablet’s upload was to meet a conflict.');
  screen.line('', `in question: ${conflict.conflicting_fields.join(', ')}`);
  screen.line('', `  the server has  "${String(conflict.server_data?.['title'])}"`);
  screen.line('', `  the tablet sent "${String(conflict.client_data?.['title'])}"`);
  screen.fact(conflict.conflicting_fields.join() === 'title', 'only the title is in question');
  const merged = tablet.holdings.find('report', id);
  screen.fact(JSON.stringify(merged?.['tags']) === '["urgent"]', 'the tags, which nobody else touched, were merged');
  screen.fact(merged?.['title'] === 'Deep pothole on Main Street', 'nothing was overwritten: the phone’s title stands for now');
  return conflict;
}

async function decide(screen: Screen, { phone, tablet }: Devices, api: Api, conflict: WireConflict, id: string): Promise<void> {
  screen.chapter('Alice looks at both versions, and decides');
  const title = 'Deep pothole on Main Street, by the bakery';
  const decision = { conflict_id: conflict.id, strategy: 'manual' as const, resolved_data: { title }, server_version: conflict.server_version };
  const { conflict: settled } = await api.resolve(decision);
  screen.line('tablet', `resolve-conflict: ${settled.status}, "${String(settled.resolved_data?.['title'])}"`);
  await phone.sync();
  await tablet.sync();
  for (const [who, device] of Object.entries({ phone, tablet })) screen.line(who, shortly(device.holdings.find('report', id)));
  const both = [phone, tablet].every(({ holdings }) => holdings.find('report', id)?.['title'] === title);
  screen.fact(both, 'both devices have the decision after their next download');
  screen.fact((await api.conflicts()).length === 0, 'no conflict is open any more');
}

async function takeOn(screen: Screen, { phone, tablet, desk }: Devices, id: string): Promise<void> {
  screen.chapter('Olga, officer of the department, takes the report on');
  await until(async () => (await desk.pull(), desk.holdings.find('report', id)?.['title'] === phone.holdings.find('report', id)?.['title']));
  screen.line('desk', shortly(desk.holdings.find('report', id)));
  screen.fact(desk.holdings.find('report', id) !== undefined, 'what a citizen reports is on the officers’ desks');
  desk.edit('report', id, { status: 'in_progress', resolution_note: 'A team comes on Tuesday.' });
  const [result] = (await desk.push())?.results ?? [];
  screen.line('desk', `upload: ${result?.status}`);
  await phone.pull();
  await tablet.pull();
  const report = phone.holdings.find('report', id);
  screen.line('phone', shortly(report));
  screen.fact(report?.['status'] === 'in_progress', 'Alice sees the status with her next download');
  screen.line('phone', `the note says: "${String(report?.['resolution_note'])}"`);
  await until(async () => (await desk.pull(), desk.holdings.find('report', id)?.version === report?.version));
}

async function loseAnAnswer(screen: Screen, phone: Phone, api: Api): Promise<void> {
  screen.chapter('An answer is lost on the way; the phone sends the same again');
  const action = phone.act({ action_type: 'update_profile', entity_type: 'profile', data: { name: 'Alice', language: 'en' } });
  const body = { device_id: phone.deviceId, actions: [action] };
  await patient(api).upload(body);
  screen.line('phone', 'heard nothing');
  const [again] = (await phone.push())?.results ?? [];
  screen.line('phone', `upload: ${again?.status}${again?.duplicate ? ', duplicate' : ''}`);
  screen.fact(again?.status === 'success' && again.duplicate === true, 'the second time changes nothing, and says so');
  await phone.pull();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new NotAsTold(`Nothing arrived at the desk within ${PATIENCE_MS / 1000} s.`);
    await sleep(200);
  }
}

/** A report on one line. */
function shortly(report: JsonObject | undefined): string {
  if (!report) return 'nothing';
  const { id, title, status, tags, version } = report;
  const notes = [
    ...(id === undefined ? [] : [`#${String(id)}`]),
    `"${String(title)}"`,
    ...(status === undefined ? [] : [String(status)]),
    ...(Array.isArray(tags) ? [`[${tags.join(', ')}]`] : []),
    ...(version === undefined ? [] : [`v${String(version)}`]),
  ];
  return notes.join('  ');
}
