import { expect, it } from 'vitest';
import { resolveRequest } from '../../../src/protocol/conflict.ts';
import { redriveRequest } from '../../../src/protocol/admin.ts';
import { read } from '../../../src/protocol/read.ts';
import { action, uploadEnvelope } from '../../../src/protocol/upload.ts';

// Found by fuzzing: zod threw, which was a 503, and every resend of that upload with it.
const LENGTHS = [{ length: [{ toString: null }] }, { length: { valueOf: null, toString: null } }, { length: -1 }, { length: 'x' }, { length: null }];

it.each(LENGTHS)('%j instead of a text or a list is of the wrong type, whatever its length (P12)', (odd) => {
  expect(read(redriveRequest, { batch_ids: odd })).toMatchObject({ success: false });
  expect(read(uploadEnvelope, { device_id: 'phone', actions: odd })).toMatchObject({ success: false });
  expect(read(uploadEnvelope, { device_id: odd, actions: [{ client_id: 'a' }] })).toMatchObject({ success: false });
  expect(read(resolveRequest, { conflict_id: odd })).toMatchObject({ success: false });
  for (const key of ['action_type', 'entity_type', 'entity_id', 'home', 'timestamp']) {
    expect(read(action, { client_id: 'a', action_type: 'x', entity_type: 'y', [key]: odd }), key).toMatchObject({ success: false });
  }
});

it('gives what a schema reads', () => {
  expect(read(resolveRequest, { conflict_id: 'c', more: 1 })).toMatchObject({ success: true, data: { conflict_id: 'c' } });
});
