import type { Crew, Reachable } from '../workload/crew.ts';
import type { Inside } from '../workload/inside.ts';
import { checkCounters } from './counters.ts';
import { gatherEvidence, type Evidence } from './evidence.ts';
import { checkHoldings, checkScopes } from './holdings.ts';
import { checkLostValues } from './lost-values.ts';
import { checkAnswers, checkOrder, checkOutcomes } from './outcomes.ts';

/** Everything that must hold of a crew at rest (design 6). What does not hold is told in words. */
export async function checkAll(crew: Crew, stack: Reachable, inside: Inside): Promise<{ findings: string[]; evidence: Evidence }> {
  const evidence = await gatherEvidence(crew, inside);
  const findings = [
    ...checkOutcomes(evidence),
    ...checkOrder(evidence),
    ...checkAnswers(evidence),
    ...checkCounters(evidence),
    ...checkLostValues(evidence),
    ...(await checkHoldings(crew, stack)),
    ...(await checkScopes(crew, inside)),
  ];
  return { findings, evidence };
}
