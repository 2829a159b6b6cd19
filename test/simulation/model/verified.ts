import type { Scope } from '../../../src/engine/model.ts';
import { verifyAll, verifyScope, type Verification } from '../../../src/service/verify.ts';
import { hashText } from '../core/random.ts';
import type { World } from '../world/world.ts';

const LIMIT_MS = 30 * 60_000;
/** One run in so many is verified: it reads everything there is. */
const ONE_IN = 4;

/** What `npm run verify -- --all` says when all is at rest: every log is whole, and its views agree (P14). */
export async function checkVerified(world: World): Promise<void> {
  if (world.faults.unit(hashText('verifier'), Math.round(world.now)) > 1 / ONE_IN) return;
  const ended = await world.run(`verifier at ${world.now}`, LIMIT_MS, async (deps) => {
    const verifications: Verification[] = [];
    for await (const one of verifyAll(deps)) verifications.push(one);
    return verifications;
  });
  if (ended.kind !== 'done') return world.fail('P14', 'verified', `the verifier ended as ${ended.kind}: ${ended.kind === 'threw' ? String(ended.error) : ''}`);
  world.count('the verifier found all whole');
  for (const { scope, findings } of ended.value) {
    const [first] = findings;
    if (first) world.fail('P14', 'verified', `the verifier finds ${first.weight} in ${scope}: ${first.kind} at ${first.at}, ${first.detail}`);
  }
}

/** A scope that was damaged on purpose must not be called whole; `kind`: what must be found in it. */
export async function checkDamageIsFound(world: World, scope: Scope, kind: string): Promise<void> {
  const ended = await world.run(`verifier of ${kind}`, LIMIT_MS, (deps) => verifyScope(deps, scope));
  const found = ended.kind === 'done' && ended.value.findings.some((finding) => finding.weight === 'damage' && finding.kind === kind);
  if (!found) world.fail('P14', 'verified', `the verifier does not find ${kind} in ${scope}: ${JSON.stringify(ended)}`);
  world.count('the verifier found damage');
}
