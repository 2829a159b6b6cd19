import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/protocol/json.ts';
import { bodiesNear, type Body } from './bodies.ts';
import { cursorsNear } from './cursors.ts';
import { ACCEPTED, CONTENT_TYPES, ENCODINGS, PREFERENCES, TEXTS } from './hostile.ts';
import { samplesOf, type Sample, type Seeds, type Sender } from './samples.ts';

/** Who is said to send it: someone with a good token, a bad one of the table of mutants, or a made-up header. */
export type Credentials = { good: Sender } | { mutant: number } | { header: string };

/** A request before its credentials are put in; header values are sent as they are. */
export type FuzzInput = { credentials: Credentials; method: string; target: string; headers: [string, string][]; body?: Buffer };

/** Texts that a header line can carry. */
const lines = (from: readonly string[]) => fc.oneof(fc.constantFrom(...from), fc.string({ maxLength: 40 })).map((text) => text.replaceAll(/[^\x20-\x7e]/g, '?'));

/** Mostly absent. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.oneof({ weight: 16, arbitrary: fc.constant(undefined) }, arbitrary);

const headerChanges = fc.record({
  'content-type': seldom(lines(CONTENT_TYPES)),
  'content-encoding': seldom(lines(ENCODINGS)),
  prefer: seldom(lines(PREFERENCES)),
  'accept-encoding': seldom(lines(ACCEPTED)),
  accept: seldom(fc.constantFrom('text/html', 'application/xml', '*/*', '')),
  cookie: seldom(fc.constantFrom('a=b', '__proto__=x', ';;;')),
  'x-http-method-override': seldom(fc.constantFrom('DELETE', 'GET', 'POST')),
  'x-forwarded-for': seldom(lines(['127.0.0.1', '::1'])),
  'if-none-match': seldom(fc.constantFrom('*', '"x"')),
});

const methods = fc.oneof({ weight: 30, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND') });

const pathChanges: fc.Arbitrary<(path: string) => string> = fc.oneof(
  { weight: 30, arbitrary: fc.constant((path: string) => path) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<((path: string) => string)[]>(
      (path) => `${path}/`, (path) => `/${path}`, (path) => path.toUpperCase(), (path) => path.replace('/v1/', '/v2/'), (path) => path.replace('sync', '%73ync'),
      (path) => `${path}/../status`, (path) => `${path}%00`, (path) => `${path}%`, (path) => `${path}%ff`, (path) => `${path};x=y`, () => '/', () => '/healthz', () => '/api/v1/__proto__', (path) => path.replace('/v1/', '//'),
    ),
  },
);

/** Requests near the valid ones of every route. */
export function requestsNear(seeds: Seeds): fc.Arbitrary<FuzzInput> {
  return fc.constantFrom(...samplesOf(seeds)).chain((sample) => near(sample, seeds));
}

function near(sample: Sample, seeds: Seeds): fc.Arbitrary<FuzzInput> {
  const [method = '', pattern = ''] = sample.route.split(' ');
  return fc
    .record({
      credentials: credentialsNear(sample.from),
      method: methods,
      path: pathsNear(pattern, sample.path),
      changePath: pathChanges,
      query: sample.query || sample.path ? queriesNear(sample.query ?? {}) : fc.constant(''),
      body: sample.body === undefined ? seldom(bodiesNear({})) : bodyOf(sample.body, seeds),
      headers: headerChanges,
    })
    .map(({ credentials, method: other, path, changePath, query, body, headers }) => ({
      credentials,
      method: other ?? method,
      target: `${changePath(path)}${query === '' ? '' : `?${query}`}`,
      headers: headersOf(body, headers),
      ...(body ? { body: body.bytes } : {}),
    }));
}

function headersOf(body: Body | undefined, changed: Readonly<Record<string, string | undefined>>): [string, string][] {
  const plain = { prefer: 'wait=1', ...(body ? { 'content-type': 'application/json' } : {}), ...(body?.encoding === undefined ? {} : { 'content-encoding': body.encoding }) };
  const given = Object.entries(changed).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.entries({ ...plain, ...Object.fromEntries(given) });
}

function credentialsNear(from: Sender): fc.Arbitrary<Credentials> {
  return fc.oneof(
    { weight: 16, arbitrary: fc.constant<Credentials>({ good: from }) },
    { weight: 2, arbitrary: fc.constantFrom<Credentials[]>({ good: 'alice' }, { good: 'olga' }, { good: 'root' }) },
    { weight: 1, arbitrary: fc.nat(1000).map((mutant) => ({ mutant })) },
    { weight: 1, arbitrary: lines(['Bearer', 'Bearer x', 'Basic eDp4', 'Bearer e30.e30.e30', ',', 'Bearer Bearer']).map((header) => ({ header })) },
  );
}

function pathsNear(pattern: string, parts: readonly string[] = []): fc.Arbitrary<string> {
  const part = (real: string) => fc.oneof({ weight: 3, arbitrary: fc.constant(real) }, { weight: 2, arbitrary: fc.constantFrom(...TEXTS) }, fc.string({ unit: 'grapheme', maxLength: 20 }));
  return fc.tuple(...parts.map(part)).map((values) => values.reduce((path, value) => path.replace(/\{\w+\}/, () => encodeURIComponent(value)), pattern));
}

/** A cursor in a body is forged as such: changes of the body would only spoil its text. */
function bodyOf(body: Json, seeds: Seeds): fc.Arbitrary<Body> {
  const { cursor } = body as JsonObject;
  if (typeof cursor !== 'string') return bodiesNear(body);
  return fc.oneof(bodiesNear(body), cursorsNear(seeds.adminCursor).map((forged) => ({ bytes: Buffer.from(JSON.stringify({ ...(body as JsonObject), cursor: forged })) })));
}

function queriesNear(query: Readonly<Record<string, string>>): fc.Arbitrary<string> {
  const values = (name: string, real: string) => (name === 'cursor' ? cursorsNear(real) : fc.oneof({ weight: 3, arbitrary: fc.constant(real) }, fc.constantFrom(...TEXTS)));
  const pairs = Object.entries(query).map(([name, real]) => fc.oneof({ weight: 12, arbitrary: values(name, real).map((value): [string, string][] => [[name, value]]) }, fc.constant<[string, string][]>([])));
  const more = seldom(fc.tuple(fc.constantFrom(...Object.keys(query), 'limit', 'types', 'since', 'scopes', 'scope', 'user', 'sub', 'role', '__proto__', '', 'access_token'), fc.constantFrom(...TEXTS)));
  const raw = seldom(fc.constantFrom('&&&', '=', '%', '%ff=%ff', 'device_id=phone&device_id=tablet', '?device_id=x', 'device_id[]=x', '#'));
  return fc.tuple(fc.tuple(...pairs), more, raw).map(([kept, extra, junk]) => {
    const text = new URLSearchParams([...kept.flat(), ...(extra ? [extra] : [])]).toString();
    return [text, junk].filter((part) => part !== undefined && part !== '').join('&').replaceAll('#', '%23');
  });
}
