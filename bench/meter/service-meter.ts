import { startFaultProxy, type Intercept } from '../../local/chaos/fault-proxy.ts';
import type { ChaosHooks } from '../../local/chaos/hooks.ts';
import { unitsOf } from './capacity.ts';
import { Conductor, type Messages } from './conductor.ts';
import { Tally } from './tally.ts';

const NO_UNITS = { read: 0, write: 0 };

/** Stands between the functions and the services of a local stack and counts every call, by who made it. */
export class ServiceMeter implements ChaosHooks {
  readonly conductor = new Conductor();
  /** Are pokes sent and counted? What they cost is told by itself: they come whenever they come, after an upload's end. */
  pokes = false;
  #tally = new Tally();

  /** What was counted since the last time. */
  take(): Tally {
    const taken = this.#tally;
    this.#tally = new Tally();
    return taken;
  }

  services: NonNullable<ChaosHooks['services']> = async (real) => {
    const [dynamo, sqs] = await Promise.all([
      startFaultProxy(real.dynamoEndpoint, this.#dynamo),
      startFaultProxy(real.sqsEndpoint, this.#sqs),
    ]);
    return {
      dynamoEndpoint: dynamo.endpoint,
      sqsEndpoint: sqs.endpoint,
      async stop() {
        await Promise.all([dynamo.stop(), sqs.stop()]);
      },
    };
  };

  /** A queue is received from and deleted from once per invocation: counted here, for no function asks for it. */
  deliver: NonNullable<ChaosHooks['deliver']> = async (functionName, event, invoke) => {
    this.#tally.invoked(functionName);
    for (const operation of ['ReceiveMessage', 'DeleteMessageBatch']) this.#tally.note('queue', operation, '', NO_UNITS);
    const { Records } = event as { Records: { body: string }[] };
    return this.conductor.deliver(messagesIn(Records.map(({ body }) => body)), event, invoke);
  };

  readonly #hearing = new Set<Promise<unknown>>();

  /** An event costs no call of ours, only the invocation. */
  hear: NonNullable<ChaosHooks['hear']> = async (functionName, event, invoke) => {
    this.#tally.invoked(functionName);
    const heard = invoke(event).finally(() => this.#hearing.delete(heard));
    this.#hearing.add(heard);
    return heard;
  };

  /** Resolves when every event has been worked on. */
  async heard(): Promise<void> {
    await Promise.all(this.#hearing);
  }

  /** A run that a schedule would start. */
  async scheduled(functionName: string, run: () => Promise<unknown>): Promise<void> {
    this.#tally.invoked(functionName);
    await run();
  }

  /** The last part of a route's path names its function, for all the routes that are measured. */
  network: NonNullable<ChaosHooks['network']> = (api) => (request) => {
    const { pathname } = new URL(request.url ?? '', 'http://local');
    this.#tally.invoked(pathname.includes('/attachments/') ? 'attachments' : (pathname.split('/').at(-1) ?? ''));
    this.#tally.note('api', 'request', '', NO_UNITS);
    return api(request);
  };

  stream: NonNullable<ChaosHooks['stream']> = async (functionName, event, invoke) => {
    // Who only counts what happened has all day for it, and would be counted with whatever comes next.
    if (!this.pokes || functionName !== 'notify') return { kind: 'ok', payload: null };
    this.#tally.invoked(functionName);
    return invoke(event);
  };

  sockets: NonNullable<ChaosHooks['sockets']> = (method, _id, forward) => {
    this.#tally.note('sockets', method, '', NO_UNITS);
    return forward();
  };

  readonly #dynamo: Intercept = async (call, forward) => {
    const looks = call.table === 'upload_inbox' && (call.operation === 'Query' || call.operation === 'GetItem');
    const counts = looks && call.caller !== 'worker' ? await this.conductor.look() : true;
    const answer = await forward(Buffer.from(JSON.stringify({ ...call.body, ReturnConsumedCapacity: 'TOTAL' })));
    const units = unitsOf(call.operation, call.body, JSON.parse(answer.body.toString()) as Record<string, unknown>);
    if (counts && (this.pokes || call.caller !== 'notify')) this.#tally.note(call.caller, call.operation, call.table, units);
    return answer;
  };

  readonly #sqs: Intercept = async (call, forward) => {
    this.#tally.note(call.caller, call.operation, '', NO_UNITS);
    if (call.operation === 'SendMessageBatch') {
      this.conductor.sent(messagesIn((call.body['Entries'] as { MessageBody: string }[]).map((entry) => entry.MessageBody)));
    }
    return forward();
  };
}

function messagesIn(bodies: readonly string[]): Messages {
  const batches = bodies.filter((body) => (JSON.parse(body) as { kind: string }).kind === 'batches').length;
  return { batches, notes: bodies.length - batches };
}
