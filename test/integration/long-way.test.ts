import { describe, expect, it } from 'vitest';
import { actorOf } from '../../src/engine/domain.ts';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import type { Deps } from '../../src/service/deps.ts';
import { download } from '../../src/service/download.ts';
import { citizen, createWorld, type World } from '../support/world.ts';

const ALICE = citizen('alice');
/** Reads of one request that bring nothing, and a few that do. */
const MOST_READS = 30;

/** Follows its cursor to the end, by default with pages of one record; counts what each request reads. */
async function follow(world: World, query: { cursor?: string; types?: string; limit?: number }) {
  let reads = 0;
  const { log, entities } = world.deps;
  const counting: Deps = {
    ...world.deps,
    log: { ...log, read: (...asked) => (reads++, log.read(...asked)) },
    entities: { ...entities, page: (...asked) => (reads++, entities.page(...asked)) },
  };
  const pages: DownloadResponse[] = [];
  const readsOf: number[] = [];
  let { cursor } = query;
  do {
    reads = 0;
    const asked = { device_id: 'reader', limit: 1, ...query, ...(cursor === undefined ? {} : { cursor }) };
    const page = await download(counting, actorOf(world.deps.engine.domain, ALICE), asked);
    pages.push(page);
    readsOf.push(reads);
    cursor = page.cursor;
  } while (pages.at(-1)?.has_more && pages.length < 500);
  return { pages, readsOf };
}

async function thousandEdits(world: World) {
  const phone = world.phone(ALICE, { deviceId: 'writer' });
  const { client_id: id } = phone.create('report', { title: '0', category: 'roads' });
  await phone.push();
  await world.settle();
  for (let i = 1; i <= 1000; i++) {
    phone.edit('report', id, { title: String(i) });
    await phone.push();
    await world.settle();
  }
  return { phone, id };
}

describe('a device with a long way to go through what is not for it', () => {
  it('comes to the end of a log, one bounded request after the other (P5, P6)', async () => {
    const world = createWorld();
    const { pages: first } = await follow(world, { types: 'profile' });
    const { phone } = await thousandEdits(world);
    phone.edit('profile', 'alice', { name: 'Alice' });
    await phone.push();
    await world.settle();
    const start = first.at(-1)?.cursor;
    const { pages, readsOf } = await follow(world, { types: 'profile', ...(start === undefined ? {} : { cursor: start }) });
    expect(Math.max(...readsOf)).toBeLessThanOrEqual(MOST_READS);
    expect(pages.flatMap(({ data }) => data['profile'] ?? [])).toMatchObject([{ name: 'Alice' }]);
    expect(pages.at(-1)?.has_more).toBe(false);
    expect(pages.length).toBeLessThan(5);
  });

  it('goes through the edits of one record without a read for each (P6)', async () => {
    const world = createWorld();
    const { pages: first } = await follow(world, {});
    const { id } = await thousandEdits(world);
    const start = first.at(-1)?.cursor;
    const { pages, readsOf } = await follow(world, { limit: 2, ...(start === undefined ? {} : { cursor: start }) });
    expect(Math.max(...readsOf)).toBeLessThanOrEqual(MOST_READS);
    expect(pages.at(-1)).toMatchObject({ has_more: false, data: { reports: [{ entity_id: id, title: '1000' }] } });
  });

  it('comes to the end of a snapshot of what was deleted (P5, P6)', async () => {
    const world = createWorld();
    const phone = world.phone(ALICE, { deviceId: 'writer' });
    for (let i = 0; i < 10; i++) {
      const ids = Array.from({ length: 100 }, () => phone.create('report', { title: 'gone', category: 'roads' }).client_id);
      await phone.push();
      await world.settle();
      for (const id of ids) phone.delete('report', id);
      await phone.push();
      await world.settle();
    }
    const { client_id: id } = phone.create('report', { title: 'last', category: 'roads' });
    await phone.push();
    await world.settle();
    const { pages, readsOf } = await follow(world, {});
    expect(Math.max(...readsOf)).toBeLessThanOrEqual(MOST_READS);
    expect(pages.flatMap(({ data }) => data['reports'] ?? []).map((record) => record['entity_id'])).toContain(id);
    expect(pages.at(-1)?.has_more).toBe(false);
  });
});
