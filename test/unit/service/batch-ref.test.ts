import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redriveRequest } from '../../../src/protocol/admin.ts';
import { batchRef, readBatchRef } from '../../../src/service/batch-ref.ts';

const user = fc.string({ minLength: 1, maxLength: 128, unit: 'grapheme' });
const device = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const batchId = fc.stringMatching(/^[0-9]{15}-[0-9]{3}$/);

describe('the name of a batch', () => {
  test('tells its owner and number again', () => {
    fc.assert(
      fc.property(user, device, batchId, (u, d, b) => {
        expect(readBatchRef(batchRef({ user: u, device: d }, b))).toEqual({ owner: { user: u, device: d }, batchId: b });
      }),
    );
  });

  test('fits a redrive request, however long the names are', () => {
    const ref = batchRef({ user: '\u{1F9E1}'.repeat(128), device: 'd'.repeat(64) }, '0'.repeat(19));
    expect(redriveRequest.safeParse({ batch_ids: [ref] }).success).toBe(true);
  });

  test('is not found in any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readBatchRef(text)).toBeUndefined();
      }),
    );
    const ref = batchRef({ user: 'alice', device: 'phone' }, '1-0');
    expect(readBatchRef(`${ref}=`)).toBeUndefined();
    for (const forged of ['["alice","phone",1]', '["alice","phone","1-0","more"]', '["alice","phone",""]', '["\\ud800","phone","1-0"]']) {
      expect(readBatchRef(Buffer.from(forged).toString('base64url'))).toBeUndefined();
    }
  });
});
