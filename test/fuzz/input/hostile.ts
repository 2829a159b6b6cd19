/** Values that break something somewhere, as JSON text. */
export const LITERALS: readonly string[] = [
  'null', 'true', 'false', '0', '-0', '-1', '1.5', '1e3', '1e400', '-1e400', '1e-400', '5e-324', '9007199254740991', '9007199254740993',
  '123456789012345678901234567890', '0.1e1', '1E+2', 'NaN', 'Infinity', '01', '+1', '0x10', "'a'", 'undefined', '',
  '""', '" "', '"\\u0000"', '"\\n\\r\\t"', '"\\ud800"', '"\\udfff\\ud800"', '"😀"', '"e\\u0301"', '"\\u202e"', '"\\ufeff"', '"\\/"',
  '"0"', '"1"', '"-1"', '"00012"', '"１２"', '"1e3"', '"9007199254740993"', '"99999999999999999999999999"',
  '"__proto__"', '"constructor"', '"toString"', '"prototype"', '"~resolve"', '"~open#phone"', '"h#1"', '"a#b"', '"a b"', '"a,b"', '"../../x"', '"%2e%2e"', '"$inc"',
  '"user:bob"', '"user:alice"', '"department:roads"', '"department:"', '"report"', '"task"', '"profile"', '"resolve_conflict"', '"delete_report"', '"update_task"',
  '"2025-02-30T00:00:00Z"', '"2025-01-01T24:00:00Z"', '"2025-01-01"', '"0000-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999999Z"', '"+275760-09-13T00:00:00Z"', '"2025-01-01T00:00:00+23:59"', '"1e999"',
  '"client_wins"', '"manual"', '"SERVER_WINS"', '"admin"', '"in_progress"', '"received"',
  '[]', '{}', '[[]]', '[{}]', '[null]', '{"":null}', '{"$inc":1}', '{"$inc":1e308}', '{"$inc":9007199254740991}', '{"$inc":-9007199254740991}', '{"$inc":"1"}', '{"$inc":1,"$inc":2}', '{"$inc":1,"x":2}',
  '{"$add":["a"]}', '{"$add":[{}]}', '{"$add":"a"}', '{"$remove":null}', '{"$remove":["a","a"]}', '{"$set":1}', '{"__proto__":{"role":"admin"}}', '{"constructor":{"prototype":{"x":1}}}', '{"toJSON":1}', '{"then":1}', '{"length":-1}',
  `"${'x'.repeat(65)}"`, `"${'é'.repeat(201)}"`, `"${'\\u0001'.repeat(5001)}"`, `"${'x'.repeat(70_000)}"`, `[${Array.from({ length: 600 }, () => '"a"').join()}]`,
  `{${Array.from({ length: 2001 }, (_, i) => `"k${i}":0`).join()}}`,
];

/** Names that belong to the server or to the language, as JSON text. */
export const KEYS: readonly string[] = [
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', ' ', 'a/b~c', '$inc', '$add', 'id', 'entity_id', 'entityId', 'server_id', 'type', 'version', 'scope', 'home',
  'created_at', 'created_by', 'createdBy', 'updated_at', 'updated_by', 'state', 'fields', 'stamps', 'audience', 'applied', 'claims', 'role', 'sub', 'departments', 'user', 'owner', 'device_id', 'client_id',
  'data', 'base', 'base_version', 'decision', 'refusal', 'hash', 'order', 'status', 'resolution_note', 'department', 'success', 'results', 'limit', 'k'.repeat(70),
].map((key) => JSON.stringify(key)).concat('"\\u0000"', '"\\ud800"', '"\\u005f_proto__"', '"1"', 'a', "'a'");

/** Values of a query or of a part of a path. */
export const TEXTS: readonly string[] = [
  '', ' ', '0', '-1', '1', '1.5', '1e3', '0x10', '9007199254740993', '99999999999999999999', 'Infinity', 'NaN', 'null', 'undefined', 'true', '[]', '{}', '[object Object]', '__proto__', 'constructor', 'toString',
  'a b', 'a,b', ',', ',,,', 'a#b', '~resolve', '~', '%', '%00', '../..', '..%2f', '\u0000', '\r\nx: y', '\u202e', '😀', '\ufffd', '１２', 'x'.repeat(65), 'x'.repeat(1025), 'é'.repeat(1000), 'x'.repeat(6000),
  'phone', 'alice', 'user:bob', 'report', 'task', 'profile', 'report,task', 'report,nothing', 'REPORT', 'r-1', 'b-1', 't-1', '2030-01-01T00:00:00.000Z', 'yesterday', '1970-01-01T00:00:00.000Z', '-1', '2030-13-01T00:00:00Z', 'resolved', 'all',
  'e30', 'W10', 'bnVsbA', 'WzFd', '=', '====', 'AAAA', '____',
];

export const CONTENT_TYPES: readonly string[] = [
  'application/json', 'application/json; charset=utf-8', 'application/json;charset=utf-16', 'APPLICATION/JSON', 'application/json, text/plain', 'text/plain', 'text/json', 'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x', 'application/octet-stream', 'application/problem+json', 'application/json; charset="utf-8"; charset=latin1', 'application/', '/', ';', 'application/json;', '*/*', 'application/gzip',
];

export const ENCODINGS: readonly string[] = ['gzip', 'identity', 'GZIP', 'gzip, gzip', 'deflate', 'br', 'x-gzip', '', 'gzip;q=0', 'chunked'];

export const PREFERENCES: readonly string[] = [
  'wait=0', 'wait=20', 'wait=-1', 'wait=99999999999', 'wait=1e9', 'wait="5"', 'wait=', 'wait', 'respond-async', 'respond-async, wait=1', 'return=representation', 'return=minimal', '=,=;=', ',', 'wait=1, wait=2', '__proto__=1', 'x'.repeat(500),
];

export const ACCEPTED: readonly string[] = ['gzip', 'br', 'gzip;q=0, br;q=0', '*', '*;q=0', 'br;q=NaN', 'identity', 'gzip;q=2', ';;;', 'deflate', 'x-gzip', '__proto__'];
