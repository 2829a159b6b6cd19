import type { Claims } from '../../../src/engine/model.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { createEdge, type Edge } from '../edge.ts';
import { bodyJson, testRuntime } from '../http.ts';
import { createLivingWorld, type LivingWorld } from '../living-world.ts';

/** Everyone of the matrix. Otto is an officer of nothing. */
export const PEOPLE = {
  alice: { sub: 'alice', role: 'citizen', departments: [] },
  bob: { sub: 'bob', role: 'citizen', departments: [] },
  olga: { sub: 'olga', role: 'officer', departments: ['roads'] },
  pia: { sub: 'pia', role: 'officer', departments: ['parks'] },
  otto: { sub: 'otto', role: 'officer', departments: [] },
  root: { sub: 'root', role: 'admin', departments: [] },
} as const satisfies Record<string, Claims>;
export type Name = keyof typeof PEOPLE;

/** Every record, with its home and what names nothing in the same form. */
export const RECORDS = {
  'alice-report': { type: 'report', home: 'user:alice' },
  'bob-report': { type: 'report', home: 'user:bob' },
  'roads-task': { type: 'task', home: 'department:roads' },
  'parks-task': { type: 'task', home: 'department:parks' },
} as const;
export type RecordName = keyof typeof RECORDS;

export type Answered = { status: number; headers: Readonly<Record<string, unknown>>; body: Record<string, unknown> };

/** A small town behind the real handlers, whose worker is never late. A token is its claims. */
export class Town {
  readonly world: LivingWorld = createLivingWorld();
  readonly #edge: Edge;
  readonly #serverIds = new Map<string, number>();

  private constructor() {
    const report = Object.assign(this.world.report, { begin() {}, end() {} });
    const verify = async (token: string) => JSON.parse(Buffer.from(token, 'base64url').toString()) as Claims;
    this.#edge = createEdge({ ...testRuntime(), report, deps: () => this.world.live, verifier: () => ({ verify }) });
  }

  /** Alice's report is the roads department's business, bob's the parks'; of the tasks, alice works on the roads' one. */
  static async build(): Promise<Town> {
    const town = new Town();
    const report = (id: string, category: string) => ({ client_id: id, action_type: 'create_report', entity_type: 'report', data: { title: 'Old', category } });
    const task = (id: string, department: string, more: object = {}) => ({ client_id: id, action_type: 'create_task', entity_type: 'task', data: { department, title: 'Old', ...more } });
    await town.#plant('alice', report('alice-report', 'roads'));
    await town.#plant('bob', report('bob-report', 'parks'));
    await town.#plant('olga', task('roads-task', 'roads', { assignee: 'alice' }));
    await town.#plant('pia', task('parks-task', 'parks'));
    return town;
  }

  serverId(record: RecordName): number {
    return this.#serverIds.get(record) ?? 0;
  }

  /** The fields of a record, at its home. */
  async fieldsOf(record: RecordName): Promise<unknown> {
    const { type, home } = RECORDS[record];
    const rows = await this.world.ports.entities.get([{ scope: home, key: `${type}#${record}` }]);
    const [row] = [...rows.values()];
    return row && { state: row.state, version: row.version, fields: row.fields };
  }

  async ask(who: Claims, method: 'GET' | 'POST', target: string, body?: Json): Promise<Answered> {
    this.world.calls.length = 0;
    const headers: [string, string][] = [['authorization', `Bearer ${Buffer.from(JSON.stringify(who)).toString('base64url')}`], ['content-type', 'application/json']];
    const answer = await this.#edge({ method, target: `/api/v1/${target}`, headers, body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)) });
    return { status: answer.statusCode ?? 0, headers: answer.headers ?? {}, body: bodyJson(answer) };
  }

  /** What the use case asked of its ports since the last request began. */
  get asked(): string[] {
    return this.world.calls.map(({ port, method }) => `${port}.${method}`);
  }

  /** Scopes that the last request queued something to. */
  get scopesQueued(): string[] {
    const puts = this.world.calls.filter(({ port, method }) => port === 'inbox' && method === 'put');
    return puts.map(({ args }) => (args[0] as { scope: string }).scope);
  }

  async act(who: Claims, action: object, device = `${who.sub}-phone`): Promise<Answered> {
    return this.ask(who, 'POST', 'sync/upload', { device_id: device, actions: [action as Json] });
  }

  async #plant(name: Name, action: { client_id: string }): Promise<void> {
    const { body } = await this.act(PEOPLE[name], action);
    const [result] = body['results'] as { status: string; server_id: number }[];
    if (result?.status !== 'success') throw new Error(JSON.stringify(body));
    this.#serverIds.set(action.client_id, result.server_id);
  }
}
