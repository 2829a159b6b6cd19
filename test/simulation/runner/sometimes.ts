import type { Played } from './player.ts';

/** What a long run must have seen: without it the run proves nothing about it. */
export const SOMETIMES: readonly string[] = [
  'metric commits_refused',
  'metric stale_log_reads',
  'a stale log read',
  'a strong read was torn',
  'a commit was redone by another',
  'a worker went on after its messages had gone to another',
  'a message came twice',
  'a message went to the dead letters',
  'dead letters were moved back to the queue',
  'the queue dropped a repetition',
  'an answer of a port was lost',
  'an answer was lost on its way',
  'a phone gave up early',
  'an action was stored twice by uploads that met',
  'a resend was found in the inbox',
  'a resend was answered as duplicate',
  'a client_id was used again',
  'several actions in one commit',
  'a conflict inside a batch',
  'a conflict was joined',
  'a conflict was decided',
  'a decision was refused: conflict_changed',
  'a decision was refused: already_resolved',
  'a decision was refused: not_found',
  'resolution unresolved',
  'resolution server_wins',
  'resolution client_wins',
  'resolution merge',
  'resolution superseded',
  'a page brought what was older than held',
  'a record left a scope',
  'reset revoked',
  'reset expired',
  'reset restored',
  'reset types',
  'reset unknown',
  'a batch died',
  'a batch was redriven',
  'a batch was discarded',
  'the queues were lost',
  'tables were restored',
  'the epoch was raised',
  'batches waited while the epoch was raised',
  'two admins redrove at once',
  'a commit was lost',
  'the verifier found damage',
  'the verifier found all whole',
  'a photo was kept',
  'a photo was seen',
  'a photo was hidden',
  'a photo was announced again',
  'a photo was looked for in vain',
  'a photo that nobody named expired',
  'a photo that nobody names any more was removed',
  'a record was told of its photo',
  'a record shows a photo as refused',
  'a report came back with its photos',
  'a strange photo was refused',
  'other content was announced under a used client_id',
  'other bytes came than were announced',
  'a link to a photo had run out',
  'an event of the bucket was lost',
  'a check of photos was killed',
];

/** How often each thing happened, over all runs. */
export function tally(played: readonly Played[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sometimes } of played) for (const [what, times] of sometimes) sums.set(what, (sums.get(what) ?? 0) + times);
  return sums;
}

/** What should have happened and never did. */
export function missing(sums: ReadonlyMap<string, number>): string[] {
  return SOMETIMES.filter((what) => !sums.has(what));
}
