import type { Commit } from '../engine/model.ts';
import type { Clock } from './ports/clock.ts';
import type { Report } from './ports/report.ts';

/**
 * Tells the metrics what became of a commit's actions, and how long they took from acceptance until their outcome could
 * be answered. They are for alarms and charts: a worker that dies first tells nothing. What is billed or promised is
 * counted by `usage`.
 */
export function reportCommit({ report, clock }: { report: Report; clock: Clock }, { outcomes }: Commit): void {
  const now = clock.now();
  for (const outcome of outcomes) {
    report.count(`actions_${outcome.status}`);
    if (outcome.conflictId !== undefined) report.count('actions_overlapped');
    if (outcome.retries > 0) report.count('actions_retried');
    report.measure('sync_duration_ms', Math.max(0, now - outcome.acceptedAt));
  }
}

/** A device that was not heard of for so long was offline, or put away. An app that is open asks every few minutes. */
export const OFFLINE_FROM_MS = 15 * 60_000;

/** Tells how old a device's actions were when they arrived, and for how long it had been away (0: it is new). */
export function reportArrival(report: Report, now: number, lastSeen: number, actionTimes: readonly number[]): void {
  for (const time of actionTimes) report.measure('action_age_ms', Math.max(0, now - time));
  if (lastSeen > 0 && now - lastSeen >= OFFLINE_FROM_MS) report.measure('offline_span_ms', now - lastSeen);
}
