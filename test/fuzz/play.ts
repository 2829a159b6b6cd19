import fc from 'fast-check';
import { requestsNear, type FuzzInput } from './input/requests.ts';
import type { Seen } from './judge.ts';
import type { Seeds } from './input/samples.ts';

/** Where inputs are sent: those of one play after the other, to a state that no other play has touched. */
export type Target = { seeds(): Promise<Seeds>; play(inputs: readonly FuzzInput[]): Promise<{ faults: string[]; seen: Seen[] }> };

/** Answers by status and code. */
export type Tally = Map<string, number>;

/** Inputs per play: state that one leaves is what the next ones meet. */
const PER_PLAY = 10;

/**
 * Sends so many inputs. Throws the shortest ones that still fail, with what is wrong, when an answer
 * breaks the contract, a refused request stored something, or anything alarmed.
 */
export async function fuzz(target: Target, inputs: number, seed: number): Promise<Tally> {
  const tally: Tally = new Map();
  const requests = requestsNear(await target.seeds());
  // Each may be left out, so that a failure shrinks to the inputs that it takes.
  const plays = fc.array(fc.option(requests, { nil: undefined, freq: 1_000_000 }), { minLength: PER_PLAY, maxLength: PER_PLAY });
  const property = fc.asyncProperty(plays, async (play) => {
    const { faults, seen } = await target.play(play.filter((input) => input !== undefined));
    for (const answer of seen) count(tally, answer);
    if (faults.length > 0) throw new Error([...new Set(faults)].join('\n'));
  });
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(property, { numRuns: Math.ceil(inputs / PER_PLAY), seed });
  if (failed) throw new Error(`seed ${seed}, path ${counterexamplePath}:\n${(counterexample?.[0] ?? []).flatMap((input) => (input ? [told(input)] : [])).join('\n')}\n${String(errorInstance)}`);
  return tally;
}

/** An input as one line, long bodies cut. */
function told({ credentials, method, target, headers, body }: FuzzInput): string {
  return `${JSON.stringify(credentials)} ${method} ${target}\n  ${JSON.stringify(headers)}\n  ${JSON.stringify(body?.toString().slice(0, 3000))}`;
}

function count(tally: Tally, { status, text }: Seen): void {
  const code = status < 400 ? '' : (JSON.parse(text) as { code?: string }).code ?? 'by the gateway';
  const key = `${status} ${code}`.trim();
  tally.set(key, (tally.get(key) ?? 0) + 1);
}
