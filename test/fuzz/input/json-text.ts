import type { Json } from '../../../src/protocol/json.ts';

/**
 * JSON as it is written: numbers, texts and keys keep the form in which they are sent, an object may have a key twice.
 * `text` of a leaf and `key` of a member are JSON themselves, or pretend to be.
 */
export type Node = { text: string } | { items: Node[] } | { members: Member[] };
export type Member = { key: string; value: Node };

export function nodeOf(value: Json): Node {
  if (Array.isArray(value)) return { items: value.map(nodeOf) };
  if (value === null || typeof value !== 'object') return { text: JSON.stringify(value) };
  return { members: Object.entries(value).map(([key, member]) => ({ key: JSON.stringify(key), value: nodeOf(member) })) };
}

export function textOf(node: Node): string {
  if ('text' in node) return node.text;
  if ('items' in node) return `[${node.items.map(textOf).join()}]`;
  return `{${node.members.map(({ key, value }) => `${key}:${textOf(value)}`).join()}}`;
}

/** How many nodes there are, itself included. */
export function countOf(node: Node): number {
  if ('text' in node) return 1;
  const below = 'items' in node ? node.items : node.members.map(({ value }) => value);
  return below.reduce((sum, child) => sum + countOf(child), 1);
}

/** The same with the `at`th node (in reading order, itself 0) replaced by what `change` makes of it; nothing removes it. */
export function changedAt(node: Node, at: number, change: (node: Node) => Node | undefined): Node {
  return replaced(node, at, change) ?? { text: 'null' };
}

function replaced(node: Node, at: number, change: (node: Node) => Node | undefined): Node | undefined {
  if (at === 0) return change(node);
  if ('text' in node) return node;
  let before = 1;
  const within = (child: Node): Node | undefined => {
    const from = before;
    before += countOf(child);
    return at >= from && at < before ? replaced(child, at - from, change) : child;
  };
  if ('items' in node) return { items: node.items.flatMap((item) => within(item) ?? []) };
  return {
    members: node.members.flatMap(({ key, value }) => {
      const kept = within(value);
      return kept ? [{ key, value: kept }] : [];
    }),
  };
}

/** The `at`th node, in reading order. */
export function nodeAt(node: Node, at: number): Node {
  let found = node;
  changedAt(node, at, (child) => (found = child));
  return found;
}
