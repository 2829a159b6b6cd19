import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LocalFunction } from '../../../local/lambda/local-function.ts';

const running: LocalFunction[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((fn) => fn.stop())); });

function functionOf(source: string, { timeoutMs = 5_000, env = {} }: { timeoutMs?: number; env?: Record<string, string> } = {}) {
  const assets = mkdtempSync(join(tmpdir(), 'fieldsync-fn-'));
  mkdirSync(join(assets, 'asset.x'));
  writeFileSync(join(assets, 'asset.x', 'index.cjs'), source);
  const lines: string[] = [];
  const fn = new LocalFunction({
    arn: 'arn:fn', name: 'fn', shortName: 'fn', asset: 'x', handler: 'index.handler', roleArn: 'r',
    timeoutMs, memoryMb: 128, environment: {},
  }, assets, env, (_name, line) => lines.push(line));
  running.push(fn);
  return { fn, lines };
}

describe('a function in its thread', () => {
  it('gets the event and a context, and answers with what JSON keeps of the result', async () => {
    const { fn } = functionOf('exports.handler = async (event, context) => ({ event, name: context.functionName, '
      + 'left: context.getRemainingTimeInMillis() > 4000, gone: undefined, at: new Date(0) });');
    expect(await fn.invoke({ a: 1 })).toEqual({
      kind: 'ok', payload: { event: { a: 1 }, name: 'fn', left: true, at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('sees its own environment and nothing of this process', async () => {
    const { fn } = functionOf('exports.handler = async () => process.env;', { env: { STAGE: 'dev' } });
    expect(await fn.invoke(null)).toEqual({ kind: 'ok', payload: { STAGE: 'dev' } });
  });

  it('takes several invocations at a time', async () => {
    const { fn } = functionOf('let n = 0, go; const all = new Promise((r) => { go = r; });'
      + 'exports.handler = async () => { if (++n === 3) go(); await all; return n; };');
    expect(await Promise.all([fn.invoke(1), fn.invoke(2), fn.invoke(3)])).toEqual(Array(3).fill({ kind: 'ok', payload: 3 }));
  });

  it('fails when it throws, and lives on', async () => {
    const { fn } = functionOf('let n = 0; exports.handler = async () => { if (n++ === 0) throw new TypeError("no"); return n; };');
    expect(await fn.invoke(null)).toEqual({ kind: 'failed', reason: 'error', message: 'TypeError: no' });
    expect(await fn.invoke(null)).toEqual({ kind: 'ok', payload: 2 });
  });

  it.each([
    ['exits', 'process.exit(1)'],
    ['leaves an error uncaught', 'setTimeout(() => { throw new Error("late"); }); await new Promise(() => {})'],
    ['runs out of memory', 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length))'],
  ])('is replaced when it %s', async (_what, statement) => {
    const { fn } = functionOf(`let n = 0; exports.handler = async (die) => { n += 1; if (die) { ${statement}; } return n; };`);
    expect(await fn.invoke(false)).toEqual({ kind: 'ok', payload: 1 });
    expect(await fn.invoke(true)).toMatchObject({ kind: 'failed', reason: 'crash' });
    expect(await fn.invoke(false)).toEqual({ kind: 'ok', payload: 1 });
  }, 20_000);

  it('is replaced when it takes too long, and others in the same thread may finish', async () => {
    const { fn } = functionOf('let n = 0; exports.handler = async (ms) => { n += 1; await new Promise((r) => setTimeout(r, ms)); return n; };',
      { timeoutMs: 4_000 });
    const slow = fn.invoke(60_000);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const other = fn.invoke(3_000);
    expect(await slow).toMatchObject({ kind: 'failed', reason: 'timeout' });
    expect(await fn.invoke(0)).toEqual({ kind: 'ok', payload: 1 });
    expect(await other).toEqual({ kind: 'ok', payload: 2 });
  });

  it('stands still when it is frozen: what runs in it goes on later, and new invocations have another thread', async () => {
    const { fn } = functionOf('let n = 0; exports.handler = async (ms) => { n += 1; await new Promise((r) => setTimeout(r, ms)); return n; };',
      { timeoutMs: 30_000 });
    const order: string[] = [];
    const frozen = fn.invoke(50).then((outcome) => { order.push('frozen'); return outcome; });
    await new Promise((resolve) => setTimeout(resolve, 10));
    fn.freeze(6_000);
    const other = fn.invoke(0).then((outcome) => { order.push('other'); return outcome; });
    expect(await Promise.all([frozen, other])).toEqual([{ kind: 'ok', payload: 1 }, { kind: 'ok', payload: 1 }]);
    expect(order).toEqual(['other', 'frozen']);
  });

  it('does not take the machine with it when it never yields', async () => {
    const { fn } = functionOf('exports.handler = async (spin) => { while (spin); return 1; };', { timeoutMs: 3_000 });
    expect(await fn.invoke(true)).toMatchObject({ kind: 'failed', reason: 'timeout' });
    expect(await fn.invoke(false)).toEqual({ kind: 'ok', payload: 1 });
  });

  it('is killed in the middle of anything without taking the process with it', async () => {
    // Terminated from outside, one of a few dozen of these aborts Node: "close before init" in its zlib.
    const { fn } = functionOf('const { deflateRawSync } = require("node:zlib"); const dictionary = Buffer.alloc(300, "abc");'
      + 'exports.handler = async () => { for (;;) { for (let i = 0; i < 20; i++) deflateRawSync(dictionary, { dictionary });'
      + 'await new Promise((r) => setImmediate(r)); } };', { timeoutMs: 30_000 });
    for (let i = 0; i < 40; i++) {
      await fn.warm();
      const running = fn.invoke(null);
      await new Promise((resolve) => setTimeout(resolve, i % 4));
      await fn.crash();
      expect(await running).toMatchObject({ kind: 'failed', reason: 'crash' });
    }
  }, 60_000);

  it('fails to warm when the bundle fails to load', async () => {
    const { fn } = functionOf('throw new Error("broken bundle");');
    await expect(fn.warm()).rejects.toThrow('broken bundle');
  });

  it('logs what it prints', async () => {
    const { fn, lines } = functionOf('exports.handler = async () => { console.log("out"); console.error("err"); };');
    await fn.invoke(null);
    await expect.poll(() => [...lines].sort()).toEqual(['err', 'out']);
  });
});
