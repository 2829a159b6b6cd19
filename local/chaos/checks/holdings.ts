import { sameJson } from '../../../src/engine/value.ts';
import { verifyScope } from '../../../src/service/verify.ts';
import type { Json } from '../../../src/protocol/json.ts';
import { Phone } from '../../demo/phone.ts';
import { serverFor, type Crew, type Reachable } from '../workload/crew.ts';
import type { Inside } from '../workload/inside.ts';
import { surely } from '../workload/live.ts';

/** Every device holds what one holds that comes for the first time, whatever it went through (P5, P6, P8, P9). */
export async function checkHoldings(crew: Crew, stack: Reachable): Promise<string[]> {
  const findings: string[] = [];
  const fresh = new Map<string, Phone>();
  for (const { claims, phone } of crew.members) {
    const known = fresh.get(claims.sub) ?? new Phone(serverFor(stack, claims), { deviceId: `fresh-${crew.tag}` });
    if (!fresh.has(claims.sub)) await surely(() => known.pull());
    fresh.set(claims.sub, known);
    const held = phone.holdings.all() as Json;
    if (sameJson(held, known.holdings.all() as Json)) continue;
    const names = (of: Phone) => of.holdings.all().map((record) => `${record.scope} ${record.home} ${record.entity_id}@${record.version}`).join(', ');
    findings.push(`P5: ${phone.deviceId} holds [${names(phone)}], and a fresh device [${names(known)}]`);
  }
  return findings;
}

/** Every log is whole and applied to its end, and its views agree (P13, P14). */
export async function checkScopes(crew: Crew, inside: Inside): Promise<string[]> {
  const findings: string[] = [];
  for (const scope of crew.scopes) {
    const verification = await verifyScope(inside.ports, scope);
    findings.push(...verification.findings.map(({ kind, at, detail }) => `${scope}: ${kind} at ${at}: ${detail}`));
  }
  return findings;
}
