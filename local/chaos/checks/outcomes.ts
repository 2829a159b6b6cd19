import type { Evidence } from './evidence.ts';

/** Every action has exactly one outcome, and whatever a phone was told of it is what the log says (P1, P2, P12). */
export function checkOutcomes({ members, outcomes }: Evidence): string[] {
  const findings: string[] = [];
  for (const { phone, done, answers } of members) {
    for (const { action: { client_id } } of done) {
      const found = outcomes.get(client_id) ?? [];
      if (found.length !== 1) findings.push(`P2: ${client_id} has ${found.length} outcomes`);
      const word = phone.results.get(client_id)?.status;
      if (word === undefined || word === 'queued' || word === 'unknown') findings.push(`P1: ${client_id} has no final word, but ${word}`);
    }
    for (const { client_id, status, version } of answers.flatMap((answer) => answer.results)) {
      if (status === 'queued') continue;
      const [placed] = outcomes.get(client_id) ?? [];
      const told = `${status} ${version}`;
      const truth = `${placed?.outcome.status} ${placed?.outcome.version}`;
      if (told !== truth) findings.push(`P12: ${phone.deviceId} was told that ${client_id} is ${told}, and it is ${truth}`);
    }
  }
  return findings;
}

/** Actions of one device on one record took effect in its order (P3). */
export function checkOrder({ members, outcomes }: Evidence): string[] {
  const findings: string[] = [];
  for (const { done } of members) {
    const last = new Map<string, { id: string; n: number; index: number }>();
    for (const { action } of done) {
      const [placed] = outcomes.get(action.client_id) ?? [];
      if (!placed || placed.outcome.home === undefined) continue;
      const record = `${placed.scope} ${action.entity_type} ${String(action.entity_id ?? action.client_id)}`;
      const before = last.get(record);
      if (before && (placed.n < before.n || (placed.n === before.n && placed.index < before.index))) {
        findings.push(`P3: ${action.client_id} took effect before ${before.id}, which was done first`);
      }
      last.set(record, { id: action.client_id, n: placed.n, index: placed.index });
    }
  }
  return findings;
}

/** Nothing that is trouble on our side was answered with a 4xx (P12), and no phone noticed anything else. */
export function checkAnswers({ members }: Evidence): string[] {
  return members.flatMap(({ phone, server, complaints }) => [
    ...server.refusals.map(({ route, status, body }) => `P12: ${phone.deviceId} got ${status} for ${route}: ${body}`),
    ...complaints,
  ]);
}
