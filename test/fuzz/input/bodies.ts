import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Json } from '../../../src/protocol/json.ts';
import { jsonValues } from '../../support/json-values.ts';
import { KEYS, LITERALS } from './hostile.ts';
import { changedAt, countOf, nodeAt, nodeOf, textOf, type Node } from './json-text.ts';

/** A body as it is sent, with the headers that it says it needs. */
export type Body = { bytes: Buffer; encoding?: string };

const literals = fc.oneof(fc.constantFrom(...LITERALS), jsonValues.map((value) => JSON.stringify(value)));
const keys = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...KEYS) }, fc.string().map((key) => JSON.stringify(key)));

/** One change of a JSON text, at a place that is reckoned modulo the number of places. */
type Change = { at: number; make: (node: Node, whole: Node) => Node | undefined };

const makers: fc.Arbitrary<Change['make']> = fc.oneof(
  { weight: 4, arbitrary: literals.map((text) => () => ({ text })) },
  { weight: 1, arbitrary: fc.constant(() => undefined) },
  // Another part of the same request, or the whole of it, in this place.
  { weight: 1, arbitrary: fc.nat(200).map((from) => (_: Node, whole: Node) => nodeAt(whole, from % countOf(whole))) },
  {
    weight: 2,
    arbitrary: fc.tuple(keys, literals).map(([key, text]) => (node: Node) =>
      'members' in node ? { members: [...node.members, { key, value: { text } }] } : { members: [{ key, value: node }] }),
  },
  // The same key again.
  { weight: 1, arbitrary: fc.tuple(fc.nat(20), literals).map(([at, text]) => (node: Node) => again(node, at, { text })) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(20), keys).map(([at, key]) => (node: Node) => renamed(node, at, key)) },
  { weight: 1, arbitrary: fc.constantFrom(1, 15, 16, 17, 40, 3000).chain((levels) => fc.constantFrom(...wrappers(levels))) },
  { weight: 1, arbitrary: fc.constantFrom(2, 25, 26, 501).map((times) => (node: Node) => repeated(node, times)) },
);

const changes: fc.Arbitrary<Change[]> = fc.array(fc.record({ at: fc.nat(200), make: makers }), { maxLength: 3 });

/** Changes of the written text, then of its bytes. */
const spoilt: fc.Arbitrary<(text: string) => Body> = fc.oneof(
  { weight: 16, arbitrary: fc.constant((text: string) => ({ bytes: Buffer.from(text) })) },
  { weight: 1, arbitrary: fc.nat().map((at) => (text: string) => ({ bytes: Buffer.from(text).subarray(0, at % (text.length + 1)) })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(), fc.constantFrom('\u0000', '\ufeff', ',', '"', '\\', '}', ']', '//', ' ', 'é')).map(([at, junk]) => (text: string) => {
      const place = at % (text.length + 1);
      return { bytes: Buffer.from(text.slice(0, place) + junk + text.slice(place)) };
    }),
  },
  { weight: 1, arbitrary: fc.tuple(fc.nat(), fc.constantFrom(0x00, 0x80, 0xc0, 0xed, 0xff)).map(([at, byte]) => (text: string) => ({ bytes: withByte(Buffer.from(text), at, byte) })) },
  { weight: 1, arbitrary: fc.constantFrom('utf16le', 'latin1').map((encoding) => (text: string) => ({ bytes: Buffer.from(text, encoding as BufferEncoding) })) },
  { weight: 1, arbitrary: fc.constant((text: string) => ({ bytes: gzipSync(text), encoding: 'gzip' })) },
  { weight: 1, arbitrary: fc.nat().map((at) => (text: string) => ({ bytes: withByte(gzipSync(text), at, 0xff), encoding: 'gzip' })) },
  { weight: 1, arbitrary: fc.constant((text: string) => ({ bytes: Buffer.from(text), encoding: 'gzip' })) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '\ufeff', '[]', 'null', '{}{}', '"x"').map((text) => () => ({ bytes: Buffer.from(text) })) },
);

/** Bodies near a valid one. */
export function bodiesNear(valid: Json): fc.Arbitrary<Body> {
  return fc.tuple(changes, spoilt).map(([made, spoil]) => {
    const node = made.reduce((whole, { at, make }) => changedAt(whole, at % countOf(whole), (found) => make(found, whole)), nodeOf(valid));
    return spoil(textOf(node));
  });
}

function again(node: Node, at: number, value: Node): Node {
  const member = 'members' in node ? node.members[at % Math.max(1, node.members.length)] : undefined;
  return member && 'members' in node ? { members: [...node.members, { key: member.key, value }] } : value;
}

function renamed(node: Node, at: number, key: string): Node {
  if (!('members' in node)) return node;
  return { members: node.members.map((member, i) => (i === at % node.members.length ? { ...member, key } : member)) };
}

function repeated(node: Node, times: number): Node {
  if ('items' in node) return { items: Array.from({ length: times }, () => node.items).flat() };
  return { items: Array.from({ length: times }, () => node) };
}

function wrappers(levels: number): Change['make'][] {
  return [
    (node) => ({ text: `${'['.repeat(levels)}${textOf(node)}${']'.repeat(levels)}` }),
    (node) => ({ text: `${'{"a":'.repeat(levels)}${textOf(node)}${'}'.repeat(levels)}` }),
  ];
}

function withByte(bytes: Buffer, at: number, byte: number): Buffer {
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[at % changed.length] = byte;
  return changed;
}
