import type { ComponentChildren } from 'preact';
import type { Failure } from '../data/api.ts';
import { expired } from '../session/session.ts';
import { Icon } from './icons.tsx';

/** Nothing there, and why that is so. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <Icon name="check" />
      <h3>{title}</h3>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

const ADVICE: Readonly<Record<Failure['kind'], string>> = {
  offline: 'Check the network. This page asks again by itself.',
  expired: 'Sign in again: you come back to this page.',
  forbidden: 'Sign in as an admin.',
  busy: 'The service is busy or in trouble. This page asks again by itself.',
  refused: 'The address may be of something that is no longer there.',
  odd: 'Load the page again. If that does not help, the console may need an update.',
};

/** Nothing could be shown, and what to do. */
export function Failed({ failure, retry }: { failure: Failure; retry: () => void }) {
  return (
    <div class="state bad" role="alert">
      <Icon name={failure.kind === 'offline' ? 'offline' : 'warn'} />
      <h3>{failure.message}</h3>
      <p>
        {ADVICE[failure.kind]}
        {failure.problem && <> <span class="quiet">Request {failure.problem.request_id}</span></>}
      </p>
      {!expired.value && <button type="button" onClick={retry}>Try again</button>}
    </div>
  );
}

/** What is shown is old: it could not be asked for again. Takes no space of its own when all is well. */
export function Stale({ failure, retry }: { failure: Failure | undefined; retry: () => void }) {
  if (!failure || expired.value) return null;
  return (
    <div class="stale" role="status">
      <Icon name={failure.kind === 'offline' ? 'offline' : 'warn'} />
      <span>{failure.message} What you see may be old.</span>
      <button type="button" class="link" onClick={retry}>Try again</button>
    </div>
  );
}

/** The shape of what is coming, so that nothing moves when it is there. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, i) => <div key={i} class="bone" />)}
    </div>
  );
}
