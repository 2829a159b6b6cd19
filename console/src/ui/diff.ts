import { diffIndices } from 'node-diff3';

export type Part = { kind: 'same' | 'gone' | 'new'; text: string };

/** Pairs of equal words that a comparison may have to look at: bounds its time for any input. */
const MOST_PAIRS = 400_000;

/**
 * How `after` differs from `before`, word by word (by lines where that would take too long). Nothing when even that
 * would: both are then shown as they are.
 */
export function textDiff(before: string, after: string): Part[] | undefined {
  if (before === after) return [{ kind: 'same', text: after }];
  return compared(before, after, /\S+\s*|\s+/gu) ?? compared(before, after, /[^\n]*\n|[^\n]+/gu);
}

function compared(before: string, after: string, units: RegExp): Part[] | undefined {
  const [a, b] = [before.match(units) ?? [], after.match(units) ?? []];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [middleA, middleB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (pairs(middleA, middleB) > MOST_PAIRS) return undefined;

  const parts: Part[] = [];
  const add = (kind: Part['kind'], words: readonly string[]) => {
    if (words.length === 0) return;
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += words.join('');
    else parts.push({ kind, text: words.join('') });
  };
  add('same', a.slice(0, start));
  let done = 0;
  for (const { buffer1, buffer2 } of diffIndices(middleA, middleB)) {
    add('same', middleA.slice(done, buffer1[0]));
    add('gone', middleA.slice(buffer1[0], buffer1[0] + buffer1[1]));
    add('new', middleB.slice(buffer2[0], buffer2[0] + buffer2[1]));
    done = buffer1[0] + buffer1[1];
  }
  add('same', middleA.slice(done));
  add('same', a.slice(a.length - end));
  return parts;
}

function pairs(a: readonly string[], b: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const unit of a) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  return b.reduce((sum, unit) => sum + (counts.get(unit) ?? 0), 0);
}
