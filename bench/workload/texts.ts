import { createMemoryIds } from '../../src/adapters/memory/ids.ts';

const WORDS = (
  'the a of in on at by near since for with without before after never always lamp street corner pavement broken dark water pipe leaks ' +
  'road hole deep dangerous bikes children school crossing sign bent missing tree branch fallen blocks path bench wet paint wall noise ' +
  'night morning Monday Friday week month again nobody came called twice number 12 47 103 please soon thanks neighbour dog park bin full'
).split(' ');

/** Sentences that differ from record to record, as people's do: a text that repeats would pack too well. */
export function textOf(seed: number, length: number): string {
  const { random } = createMemoryIds(seed);
  let text = '';
  while (text.length < length) text += `${WORDS[Math.floor(random() * WORDS.length)]} `;
  return text.slice(0, length).trim();
}

/** A task of about 300 bytes of data, without audience. */
export function taskData(seed: number, department: string): { department: string; title: string; notes: string; due_date: string } {
  return { department, title: textOf(seed, 40), notes: textOf(10_000 + seed, 180), due_date: '2030-03-01' };
}

/** A report of about 300 bytes of data; its audience is the department of its category. */
export function reportData(seed: number, category: string) {
  return {
    title: textOf(seed, 40),
    description: textOf(10_000 + seed, 120),
    category,
    latitude: 52.5 + seed / 1e4,
    longitude: 13.4 + seed / 1e4,
    tags: ['lamp', 'night'],
  };
}
