import type { Forge } from '../../support/tokens/forge.ts';
import { MUTANTS } from '../../support/tokens/mutants.ts';
import type { RawRequest } from '../../support/edge.ts';
import type { FuzzInput } from '../input/requests.ts';
import type { Seeds, Sender } from '../input/samples.ts';

/** Good tokens of people, made once. */
export class Wallet {
  readonly #forge: Forge;
  readonly #tokens: Readonly<Record<Sender | 'bob', string>>;

  constructor(forge: Forge, subs: Seeds['subs'], department: string) {
    this.#forge = forge;
    this.#tokens = {
      alice: forge.token({ sub: subs.alice, role: 'citizen' }),
      bob: forge.token({ sub: subs.bob, role: 'citizen' }),
      olga: forge.token({ sub: subs.olga, role: 'officer', departments: [department] }),
      root: forge.token({ sub: subs.root, role: 'admin' }),
    };
  }

  bearer(from: Sender | 'bob'): [string, string] {
    return ['authorization', `Bearer ${this.#tokens[from]}`];
  }

  /** The input with its credentials. */
  signed({ credentials, ...request }: FuzzInput): RawRequest {
    if ('good' in credentials) return { ...request, headers: [...request.headers, this.bearer(credentials.good)] };
    if ('header' in credentials) return { ...request, headers: [...request.headers, ['authorization', credentials.header]] };
    const mutant = MUTANTS[credentials.mutant % MUTANTS.length];
    return { ...request, headers: [...request.headers, ...(mutant?.headers(this.#forge) ?? [])] };
  }
}
