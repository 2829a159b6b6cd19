import { randomUUID } from 'node:crypto';
import { localIssuer } from '../../../local/token/local-issuer.ts';
import { signingKey } from '../../../local/token/signing-key.ts';
import { RawHttp } from '../../support/raw-http.ts';
import { Forge } from '../../support/tokens/forge.ts';
import type { FuzzInput } from '../input/requests.ts';
import type { Seeds } from '../input/samples.ts';
import { faultsOfAnswer, type Seen } from '../judge.ts';
import { plant } from './plant.ts';
import { Wallet } from './wallet.ts';

/** A running local stack, over HTTP. Its state grows from play to play, for people of its own. */
export class StackTarget {
  readonly #http: RawHttp;
  readonly #wallet: Wallet;
  readonly #subs: Seeds['subs'];
  readonly #department: string;

  private constructor(url: string, forge: Forge) {
    const name = (who: string) => `${who}-${randomUUID()}`;
    this.#http = new RawHttp(url);
    this.#subs = { alice: name('alice'), bob: name('bob'), olga: name('olga'), root: name('root') };
    this.#department = name('roads');
    this.#wallet = new Wallet(forge, this.#subs, this.#department);
  }

  /** `dataDir`: where the stack keeps its signing key. */
  static async of({ url, port, dataDir }: { url: string; port: number; dataDir: string }): Promise<StackTarget> {
    return new StackTarget(url, new Forge(await localIssuer(dataDir, port), await signingKey(dataDir), Date.now()));
  }

  seeds(): Promise<Seeds> {
    const send = async (from: Parameters<Wallet['bearer']>[0], method: string, target: string, body?: unknown): Promise<unknown> => {
      const headers: [string, string][] = [this.#wallet.bearer(from), ['content-type', 'application/json'], ['prefer', 'wait=20']];
      const answer = await this.#http.send({ method, target, headers, body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)) });
      if (answer.status !== 200) throw new Error(`planting: ${answer.text}`);
      return JSON.parse(answer.text) as unknown;
    };
    return plant(send, this.#subs, this.#department);
  }

  async play(inputs: readonly FuzzInput[]): Promise<{ faults: string[]; seen: Seen[] }> {
    const faults: string[] = [];
    const seen: Seen[] = [];
    for (const input of inputs) {
      const answer = await this.#http.send(this.#wallet.signed(patient(input)));
      seen.push(answer);
      faults.push(...faultsOfAnswer(input, answer));
    }
    return { faults, seen };
  }

  close(): void {
    this.#http.close();
  }
}

/** A decision that is not waited for is answered with 503, as it must be: here the wait is long enough for any machine. */
function patient(input: FuzzInput): FuzzInput {
  if (!input.target.includes('resolve-conflict')) return input;
  return { ...input, headers: [...input.headers.filter(([name]) => name !== 'prefer'), ['prefer', 'wait=20']] };
}
