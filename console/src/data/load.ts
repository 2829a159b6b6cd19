import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { session } from '../session/session.ts';
import { Failure, type Page } from './api.ts';
import { connected, pokes } from './live.ts';

/** How often what is on the screen is asked for again. A hidden tab asks for nothing. */
export const POLL_MS = 20_000;
/** While pokes come, too: they do not tell of what waits, of devices and of usage. */
const POLL_BESIDE_POKES_MS = 60_000;

/** `data` stays while it is asked for again, and when that fails: `failure` then says why it is not newer. */
export type Loaded<T> = { data: T | undefined; failure: Failure | undefined; loading: boolean; atMs: number; reload: () => void };

/** Calls `again` after a poke and now and then while the tab is shown, and when it is shown again after a while. */
export function usePolling(again: () => void): void {
  const call = useRef(again);
  call.current = again;
  const everyMs = connected.value ? POLL_BESIDE_POKES_MS : POLL_MS;
  const poke = pokes.value;
  const heard = useRef(poke);
  useEffect(() => {
    if (heard.current === poke) return;
    heard.current = poke;
    if (!document.hidden) call.current();
  }, [poke]);
  useEffect(() => {
    let last = performance.now();
    const tick = () => {
      if (document.hidden || performance.now() - last < everyMs - 50) return;
      last = performance.now();
      call.current();
    };
    const timer = setInterval(tick, everyMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }, [everyMs]);
}

function failureFrom(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('odd', error instanceof Error ? error.message : 'Something went wrong in this page.');
}

/** What `ask` answers, asked again when `key` changes, by polling and by `reload`. */
export function useLoaded<T>(key: string, ask: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'> & { key: string }>(
    { key, data: undefined, failure: undefined, loading: true, atMs: 0 });
  const turn = useRef(0);
  const asks = useRef(ask);
  asks.current = ask;
  const token = session.value?.token;
  const reload = useCallback(() => {
    const mine = ++turn.current;
    const current = () => mine === turn.current;
    setState((before) => (before.key === key ? { ...before, loading: true } : { key, data: undefined, failure: undefined, loading: true, atMs: 0 }));
    asks.current().then(
      (data) => { if (current()) setState({ key, data, failure: undefined, loading: false, atMs: Date.now() }); },
      (error: unknown) => { if (current()) setState((before) => ({ ...before, failure: failureFrom(error), loading: false })); },
    );
  }, [key, token]);
  useEffect(() => {
    reload();
    return () => { turn.current++; };
  }, [reload]);
  usePolling(reload);
  const fresh = state.key === key;
  return { ...(fresh ? state : { data: undefined, failure: undefined, loading: true, atMs: 0 }), reload };
}

/** A list that comes page by page. `more` asks for the next page; `whole`: there is none. */
export type Pages<T> = {
  rows: readonly T[];
  whole: boolean;
  loading: boolean;
  failure: Failure | undefined;
  /** False until the first page is there. */
  begun: boolean;
  more: () => void;
  reload: () => void;
  /** Takes a row out, or puts another in its place, until the next reload. */
  replace: (match: (row: T) => boolean, by?: T) => void;
};

type PagesState<T> = { key: string; rows: T[]; next: string | undefined; begun: boolean; loading: boolean; failure: Failure | undefined; pages: number };

/**
 * The pages of a list. While only the first is loaded it is asked for again by polling; with more, that would cost a
 * request per page, and the list stays as it is until `reload`.
 */
export function usePages<T>(key: string, ask: (cursor: string | undefined) => Promise<Page<T>>): Pages<T> {
  const empty: PagesState<T> = { key, rows: [], next: undefined, begun: false, loading: true, failure: undefined, pages: 0 };
  const [state, setState] = useState(empty);
  const turn = useRef(0);
  const busy = useRef(false);
  const asks = useRef(ask);
  asks.current = ask;
  const token = session.value?.token;

  const fetchPage = useCallback((cursor: string | undefined) => {
    const mine = ++turn.current;
    busy.current = true;
    setState((before) => (before.key === key ? { ...before, loading: true } : { ...empty, key }));
    asks.current(cursor).then(
      ({ rows, next }) => {
        if (mine !== turn.current) return;
        busy.current = false;
        setState((before) => ({
          key,
          rows: cursor === undefined ? rows : [...before.rows, ...rows],
          next,
          begun: true,
          loading: false,
          failure: undefined,
          pages: cursor === undefined ? 1 : before.pages + 1,
        }));
      },
      (error: unknown) => {
        if (mine !== turn.current) return;
        busy.current = false;
        setState((before) => ({ ...before, loading: false, failure: failureFrom(error) }));
      },
    );
  }, [key, token]);

  useEffect(() => {
    fetchPage(undefined);
    return () => { turn.current++; };
  }, [fetchPage]);
  usePolling(() => { if (state.pages <= 1 && !busy.current) fetchPage(undefined); });

  const shown = state.key === key ? state : empty;
  return {
    rows: shown.rows,
    whole: shown.begun && shown.next === undefined,
    loading: shown.loading,
    failure: shown.failure,
    begun: shown.begun,
    more: () => { if (!busy.current && shown.next !== undefined) fetchPage(shown.next); },
    reload: () => fetchPage(undefined),
    replace: (match, by) => setState((before) => ({
      ...before,
      rows: before.rows.flatMap((row) => (match(row) ? (by === undefined ? [] : [by]) : [row])),
    })),
  };
}
