import { applyPage, hasNews } from './apply-page.ts';
import type { SyncEvent } from './events.ts';
import { fault, Interrupted } from './http.ts';
import { META } from './keys.ts';
import { outboxRows } from './rows.ts';
import type { Session } from './session.ts';
import { settle } from './settle.ts';
import { ask } from './upload.ts';
import type { DownloadPage, Results } from './wire.ts';

const RECORDS_PER_PAGE = 500;

/**
 * Downloads page by page until there is no more. A page and its cursor are applied in one transaction.
 *
 * A page may hold the effect of an action whose answer was lost. Its outcome is asked for before the page is applied, and
 * both go in together: a counter never counts twice, and nothing flickers back.
 */
export async function download(session: Session): Promise<void> {
  let done = 0;
  for (;;) {
    const { cursor, complete, rows } = await session.lease.within(async (tx) => ({
      cursor: (await tx.get(META.cursor)) as string | undefined,
      complete: (await tx.get(META.complete)) === true,
      rows: await outboxRows(tx),
    }));
    const phase = complete ? 'download' : 'snapshot';
    if (!complete) session.progress({ phase, done });
    const page = await nextPage(session, cursor);
    const isNews = hasNews(page);
    const outcomes = isNews ? await ask(session, rows.filter(({ state }) => state !== 'new' && state !== 'done')) : [];
    const events = await apply(session, page, cursor, outcomes);
    // Without news a page can still show that what is done has arrived.
    if (isNews || rows.some(({ state }) => state === 'done')) session.changed(events);
    if (isNews) session.news = true;
    done += Object.values(page.data).reduce((sum, records) => sum + records.length, 0);
    if (!page.has_more) return;
    session.progress({ phase, done });
    if (page.cursor === cursor) throw new Interrupted('server', 'The download does not move on.');
  }
}

async function nextPage(session: Session, cursor: string | undefined): Promise<DownloadPage> {
  const heard = await session.http.ask<DownloadPage>('GET', 'download', {
    query: { device_id: session.deviceId, cursor, limit: RECORDS_PER_PAGE, types: Object.keys(session.domain.types).sort().join(',') },
  });
  if ('refused' in heard) throw fault(heard.refused);
  return heard.answer;
}

function apply(
  session: Session,
  page: DownloadPage,
  cursor: string | undefined,
  outcomes: readonly Results[],
): Promise<SyncEvent[]> {
  return session.lease.within(async (tx) => {
    const events: SyncEvent[] = [];
    for (const answer of outcomes) events.push(...(await settle(tx, answer, session.now())));
    const applied = await applyPage(tx, session.domain, page, cursor);
    if (!applied) throw new Interrupted('overtaken', 'Another tab or task has downloaded this page.');
    return [...events, ...applied];
  });
}
