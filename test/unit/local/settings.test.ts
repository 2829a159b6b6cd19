import { describe, expect, it } from 'vitest';
import { settingsFrom } from '../../../local/settings.ts';

describe('settings of the local stack', () => {
  it('have defaults, and an epoch only when ops raised it', () => {
    expect(settingsFrom({})).toMatchObject({ port: 3000, host: '127.0.0.1', parameters: {} });
    expect(settingsFrom({ FIELDSYNC_EPOCH: '2' }).parameters).toEqual({ Epoch: '2' });
  });

  it.each(['-1', 'one', '1.5', '1234567'])('explain an epoch like %s', (epoch) => {
    expect(() => settingsFrom({ FIELDSYNC_EPOCH: epoch })).toThrow(`FIELDSYNC_EPOCH=${epoch} is not a whole number`);
  });
});
