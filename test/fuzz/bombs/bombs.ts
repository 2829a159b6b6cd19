import { act, upload } from './upload-text.ts';

/** A body that costs more than it looks, and the function that gets it. */
export type Bomb = { name: string; to: 'upload' | 'resolve-conflict' | 'admin-query'; text: (bytes: number) => string };

const KEY = 'k'.repeat(64);
/** The deepest that may be kept, under keys that make the longest pointers, and then a fault. */
const DEEP_FAULTS = `${`{"${KEY}":`.repeat(13)}[${Array.from({ length: 11 }, () => '1e999').join()}]${'}'.repeat(13)}`;
const MANY_FIELDS = `{${Array.from({ length: 900 }, (_, i) => `"${i.toString(36)}":0`).join()}}`;

const decision = (data: string) => `{"conflict_id":"c","strategy":"manual","resolved_data":{"a":${data}}}`;

/** What a hostile client would try; each text has about so many bytes, or as many as its kind can have. */
export const BOMBS: readonly Bomb[] = [
  { name: 'nested lists in data', to: 'upload', text: (bytes) => act(nested('[', '', ']', bytes)) },
  { name: 'nested objects in data', to: 'upload', text: (bytes) => act(nested('{"a":', '1', '}', bytes)) },
  { name: 'nested lists as the body', to: 'upload', text: (bytes) => nested('[', '', ']', bytes) },
  { name: 'lists that never close', to: 'upload', text: (bytes) => '['.repeat(bytes) },
  { name: 'keys in data', to: 'upload', text: (bytes) => act(`{${filled(bytes, (i) => `"k${i.toString(36)}":1`)}}`) },
  { name: 'keys in an action', to: 'upload', text: (bytes) => upload(`{"client_id":"a",${filled(bytes, (i) => `"k${i.toString(36)}":1`)}}`) },
  { name: 'keys in the envelope', to: 'upload', text: (bytes) => `{"device_id":"d","actions":[{"client_id":"a"}],${filled(bytes, (i) => `"k${i.toString(36)}":1`)}}` },
  { name: 'keys that look like indexes', to: 'upload', text: (bytes) => act(`{${filled(bytes, (i) => `"${(i * 65_536) >>> 0}":1`)}}`) },
  { name: 'one key again and again', to: 'upload', text: (bytes) => act(`{${filled(bytes, () => '"k":1')}}`) },
  { name: 'empty objects for actions', to: 'upload', text: (bytes) => upload(filled(bytes, () => '{}')) },
  { name: 'numbers for actions', to: 'upload', text: (bytes) => upload(filled(bytes, () => '1')) },
  { name: 'actions that are all faulty', to: 'upload', text: (bytes) => upload(filled(bytes, () => '{"client_id":1,"client_id":1}')) },
  { name: 'small numbers in data', to: 'upload', text: (bytes) => act(`{"tags":[${filled(bytes, () => '1')}]}`) },
  { name: 'numbers beyond any in data', to: 'upload', text: (bytes) => act(`{"tags":[${filled(bytes, () => '1e999')}]}`) },
  { name: 'one long text', to: 'upload', text: (bytes) => act(`{"title":"${'x'.repeat(bytes)}"}`) },
  { name: 'a text of escapes', to: 'upload', text: (bytes) => act(`{"title":"${'\\u0041'.repeat(bytes / 6)}"}`) },
  { name: 'short texts with escapes', to: 'upload', text: (bytes) => act(`{"tags":[${filled(bytes, () => '"\\n"')}]}`) },
  { name: '500 actions with deep faults', to: 'upload', text: () => upload(actions(() => DEEP_FAULTS)) },
  { name: '500 actions of unknown fields', to: 'upload', text: () => upload(actions(() => MANY_FIELDS)) },
  { name: '500 actions with an endless name', to: 'upload', text: () => upload(actions(() => `{"${'\\u0001'.repeat(1300)}":0}`)) },
  { name: 'a decision of numbers', to: 'resolve-conflict', text: (bytes) => decision(`[${filled(bytes, () => '1')}]`) },
  { name: 'a decision of lists', to: 'resolve-conflict', text: (bytes) => decision(`[${filled(bytes, () => '[]')}]`) },
  { name: 'keys in an admin’s query', to: 'admin-query', text: (bytes) => `{"query":"overview",${filled(bytes, (i) => `"k${i.toString(36)}":1`)}}` },
];

function nested(open: string, core: string, close: string, bytes: number): string {
  const levels = Math.floor(bytes / (open.length + close.length));
  return open.repeat(levels) + core + close.repeat(levels);
}

/** Items joined by commas, up to so many bytes. */
function filled(bytes: number, item: (i: number) => string): string {
  const items: string[] = [];
  for (let length = 0; length < bytes; length += (items.at(-1) ?? '').length + 1) items.push(item(items.length));
  return items.join();
}

function actions(data: (i: number) => string): string {
  return Array.from({ length: 500 }, (_, i) => `{"client_id":"a${i}","action_type":"create_report","entity_type":"report","data":${data(i)}}`).join();
}
