import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Api } from '../../local/demo/api.ts';
import { Phone, type PhoneOptions } from '../../local/demo/phone.ts';
import type { LocalStack } from '../../local/stack-types.ts';
import { startStack } from '../../local/stack.ts';
import { createDynamoClient } from '../../src/adapters/dynamodb/client.ts';
import { createMemoryIds } from '../../src/adapters/memory/ids.ts';
import { looksWithin } from '../../src/service/wait.ts';
import { ServiceMeter } from '../meter/service-meter.ts';
import type { Tally } from '../meter/tally.ts';
import { ANSWER_MS } from '../price/prices.ts';

/** Somebody with a token. */
export type Person = { readonly sub: string; readonly api: Api };

/** A local stack on which what is done is counted. */
export class Stage {
  readonly stack: LocalStack;
  readonly #meter: ServiceMeter;
  readonly #dataDir: string;
  readonly #ids = createMemoryIds(1);

  private constructor(stack: LocalStack, meter: ServiceMeter, dataDir: string) {
    this.stack = stack;
    this.#meter = meter;
    this.#dataDir = dataDir;
  }

  /** `counted`: calls go through the meter, which takes time. */
  static async start({ counted } = { counted: true }): Promise<Stage> {
    const dataDir = await mkdtemp(join(tmpdir(), 'fieldsync-bench-'));
    const meter = new ServiceMeter();
    const stack = await startStack({ port: 0, dataDir, inMemory: true, checkAccess: false, ...(counted ? { chaos: meter } : {}) });
    return new Stage(stack, meter, dataDir);
  }

  uuid(): string {
    return this.#ids.uuid();
  }

  async citizen(): Promise<Person> {
    const sub = this.uuid();
    return { sub, api: new Api(this.stack.url, await this.stack.token({ sub, role: 'citizen' })) };
  }

  async officer(department: string): Promise<Person> {
    const sub = this.uuid();
    return { sub, api: new Api(this.stack.url, await this.stack.token({ sub, role: 'officer', departments: [department] })) };
  }

  /** A phone that waits for its outcomes as long as it may. */
  phone({ api }: Person, options: Partial<PhoneOptions> = {}): Phone {
    const server = {
      upload: (body: Parameters<Api['upload']>[0]) => api.upload(body, { prefer: 'wait=20' }),
      download: (query: Parameters<Api['download']>[0]) => api.download(query),
    };
    return new Phone(server, { deviceId: this.uuid(), limit: 1000, uuid: () => this.uuid(), ...options });
  }

  /** For what is put into the tables, or read of them, past the functions. To be destroyed. */
  dynamo(): DynamoDBDocumentClient {
    const { region, dynamoEndpoint: endpoint } = this.stack;
    return createDynamoClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  }

  /** The same of pokes: `act` ends when the last has been heard. */
  async countPokes(act: () => Promise<unknown>): Promise<Tally> {
    this.#meter.pokes = true;
    this.#meter.take();
    await act();
    this.#meter.pokes = false;
    return this.#meter.take();
  }

  /** What `act` and all that it brings about costs. What came before is done by then. */
  async count(act: () => Promise<unknown>): Promise<Tally> {
    const { conductor } = this.#meter;
    await conductor.settled();
    this.#meter.take();
    conductor.looks = looksWithin(ANSWER_MS);
    await act();
    await conductor.settled();
    conductor.looks = undefined;
    return this.#meter.take();
  }

  /** Every object that came has been looked at, and all that brought about is done. */
  async heard(): Promise<void> {
    await this.#meter.heard();
    await this.#meter.conductor.settled();
  }

  /** The run of the minute. */
  async everyMinute(functionName: 'attachment-check'): Promise<void> {
    await this.#meter.scheduled(functionName, () => this.stack.invoke(functionName, {}));
  }

  async stop(): Promise<void> {
    await this.stack.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}
