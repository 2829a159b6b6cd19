import { describe, expect, it } from 'vitest';
import { createMemoryReport } from '../../../src/adapters/memory/report.ts';
import { composeDeps, once } from '../../../src/runtime/compose.ts';
import { ENV, TABLE_ENV } from '../../../src/runtime/env.ts';
import { epoch, trust } from '../../../src/runtime/settings.ts';

const ENVIRONMENT = {
  ...Object.fromEntries(Object.values(TABLE_ENV).map((name) => [name, `table behind ${name}`])),
  [ENV.queueUrl]: 'http://127.0.0.1:1/queue.fifo',
  [ENV.epoch]: '3',
};

function compose(env: Record<string, string | undefined>) {
  return composeDeps({ ...ENVIRONMENT, ...env }, createMemoryReport());
}

describe('composition', () => {
  it('takes the epoch from the environment', () => {
    expect(compose({}).epoch).toBe(3);
  });

  it.each([
    ['TABLE_SCOPE_LOG', () => compose({ TABLE_SCOPE_LOG: undefined }).log.head('user:a')],
    ['TABLE_ENTITIES', () => compose({ TABLE_ENTITIES: undefined }).entities.alias('user:a', 1)],
    ['TABLE_OFFLINE_ACTIONS_LOG', () => compose({ TABLE_OFFLINE_ACTIONS_LOG: '' }).actions.list('a', '', 1)],
    ['TABLE_SYNC_CONFLICTS', () => compose({ TABLE_SYNC_CONFLICTS: undefined }).conflicts.countOpen('a', 'd')],
    ['TABLE_UPLOAD_INBOX', () => compose({ TABLE_UPLOAD_INBOX: undefined }).inbox.due(0, 1)],
    ['TABLE_CLIENT_SYNC_STATE', () => compose({ TABLE_CLIENT_SYNC_STATE: undefined }).devices.get('a', 'd')],
    ['QUEUE_URL', () => compose({ QUEUE_URL: undefined }).queue.send([])],
  ])('without %s fails where it is needed, and says so', (variable, use) => {
    expect(use).toThrow(expect.objectContaining({ name: 'ConfigurationError', message: expect.stringContaining(`${variable} is not set`) }));
  });

  it('gives one conflict id for one action, and another for any other', () => {
    const { conflictIdOf } = compose({}).engine;
    expect(conflictIdOf('alice', 'a-1')).toBe(conflictIdOf('alice', 'a-1'));
    expect(conflictIdOf('alice', 'a-1')).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(new Set([conflictIdOf('alice', 'a-1'), conflictIdOf('alic', 'ea-1'), conflictIdOf('alice', 'a-2')]).size).toBe(3);
  });
});

describe('settings', () => {
  it.each([undefined, '', '-1', '1.5', 'one', '1e3', ' 1'])('an epoch of %j is a mistake of the deployment', (text) => {
    expect(() => epoch({ [ENV.epoch]: text })).toThrow(/^EPOCH /);
  });

  it.each([ENV.tokenIssuer, ENV.tokenAudience, ENV.tokenJwksUrl])('a verifier without %s is a mistake of the deployment', (name) => {
    const env = { [ENV.tokenIssuer]: 'https://i.test', [ENV.tokenAudience]: 'a', [ENV.tokenJwksUrl]: 'https://i.test/jwks' };
    expect(trust(env)).toEqual({ issuer: 'https://i.test', audience: 'a', jwksUrl: 'https://i.test/jwks' });
    expect(() => trust({ ...env, [name]: undefined })).toThrow(`${name} is not set`);
  });
});

describe('once', () => {
  it('makes a thing once', () => {
    let made = 0;
    const get = once(() => ++made);
    expect([get(), get()]).toEqual([1, 1]);
  });

  it('tries again after an error', () => {
    let made = 0;
    const get = once(() => {
      if (++made === 1) throw new Error('not yet');
      return made;
    });
    expect(get).toThrow('not yet');
    expect([get(), get()]).toEqual([2, 2]);
  });
});
