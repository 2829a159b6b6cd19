import { exportJWK, generateKeyPair } from 'jose';
import { createJwtVerifier } from '../../../src/adapters/jwt/verifier.ts';
import type { Verifier } from '../../../src/service/ports/verifier.ts';
import { createEdge, type Edge, type RawRequest } from '../../support/edge.ts';
import { bodyText } from '../../support/http.ts';
import { TestIssuer } from '../../support/issuer.ts';
import { createLivingWorld, type LivingWorld } from '../../support/living-world.ts';
import { Forge } from '../../support/tokens/forge.ts';
import type { FuzzInput } from '../input/requests.ts';
import type { Seeds } from '../input/samples.ts';
import { faultsOfAnswer, type Seen } from '../judge.ts';
import { plant } from './plant.ts';
import { Wallet } from './wallet.ts';

const SUBS = { alice: 'alice', bob: 'bob', olga: 'olga', root: 'root' };
const DEPARTMENT = 'roads';

/** The real handlers over memory; every world begins with the same seeds. */
export class MemoryTarget {
  readonly #issuer: TestIssuer;
  readonly #verifier: Verifier;
  readonly #wallet: Wallet;

  private constructor(issuer: TestIssuer, forge: Forge, now: number) {
    this.#issuer = issuer;
    this.#verifier = createJwtVerifier(issuer.trust, { now: () => now });
    this.#wallet = new Wallet(forge, SUBS, DEPARTMENT);
  }

  static async start(): Promise<MemoryTarget> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' };
    const issuer = await TestIssuer.start({ alg: 'ES256', privateKey, jwk });
    const now = Date.UTC(2030, 0, 1);
    return new MemoryTarget(issuer, new Forge(issuer, { ...(await exportJWK(privateKey)), kid: 'k' }, now), now);
  }

  /** What every world begins with. */
  async seeds(): Promise<Seeds> {
    return (await this.#world()).seeds;
  }

  /** Sends the inputs to one new world, one after the other. Gives all that is wrong with what it did, and what it said. */
  async play(inputs: readonly FuzzInput[]): Promise<{ faults: string[]; seen: Seen[] }> {
    const { world, edge } = await this.#world();
    const faults: string[] = [];
    const seen: Seen[] = [];
    for (const input of inputs) {
      world.calls.length = 0;
      const answer = await send(edge, this.#wallet.signed(input));
      seen.push(answer);
      faults.push(...faultsOfAnswer(input, answer), ...storedThough(answer, input, world));
    }
    await world.heal();
    faults.push(...world.report.alarms().map((event) => `alarm ${event}`));
    for (const name in {}) faults.push(`every object has a ${name} now`);
    if (world.ports.inbox.rows().headers.length > 0) faults.push('a batch is left for ever');
    return { faults, seen };
  }

  stop(): Promise<void> {
    return this.#issuer.stop();
  }

  async #world(): Promise<{ world: LivingWorld; edge: Edge; seeds: Seeds }> {
    const world = createLivingWorld();
    const report = Object.assign(world.report, { begin() {}, end() {} });
    const edge = createEdge({ report, deps: () => world.live, verifier: () => this.#verifier });
    const seeds = await plant(async (from, method, target, body) => {
      const headers: [string, string][] = [this.#wallet.bearer(from), ['content-type', 'application/json']];
      const answer = await send(edge, { method, target, headers, body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)) });
      if (answer.status !== 200) throw new Error(`planting: ${answer.text}`);
      return JSON.parse(answer.text) as unknown;
    }, SUBS, DEPARTMENT);
    return { world, edge, seeds };
  }
}

async function send(edge: Edge, request: RawRequest): Promise<Seen> {
  const answer = await edge(request);
  return { status: answer.statusCode ?? 0, headers: answer.headers as Seen['headers'] ?? {}, text: bodyText(answer) };
}

/**
 * A refused request changes nothing, but for a decision, of which only planning finds out whether it holds, and for when
 * an attachment that somebody asked for is looked for.
 */
function storedThough({ status, text }: Seen, { target }: FuzzInput, world: LivingWorld): string[] {
  const code = status >= 400 ? String((JSON.parse(text) as { code?: string }).code) : '';
  const decided = /resolve-conflict/.test(target) && ['already_resolved', 'conflict_changed', 'validation_failed', 'not_found'].includes(code);
  const writes = world.calls.filter((call) => call.writes).map(({ port, method }) => `${port}.${method}`);
  const sought = writes.every((write) => write === 'attachments.postpone');
  if (status < 400 || sought || (decided && writes[0] === 'inbox.put')) return [];
  return [`refused with ${status} ${code}, but ${writes.join()}`];
}
