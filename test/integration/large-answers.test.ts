import { describe, expect, it } from 'vitest';
import { civic } from '../../src/domain/civic.ts';
import { text } from '../../src/domain/fields.ts';
import { actorOf, type Domain } from '../../src/engine/domain.ts';
import { upload } from '../../src/service/upload.ts';
import { citizen, createWorld } from '../support/world.ts';

/** The civic domain with long descriptions. */
function roomy(): Domain {
  const report = civic.types['report'];
  if (!report) throw new Error('the domain has reports');
  return { ...civic, types: { ...civic.types, report: { ...report, fields: { ...report.fields, description: text(60_000) } } } };
}

describe('an upload that asks for its records', () => {
  it('is answered even when they are more than a function may answer: those that do not fit are left out', async () => {
    const world = createWorld({ domain: roomy() });
    const actions = Array.from({ length: 80 }, (_, i) => ({
      client_id: `a${i}`,
      action_type: 'create_report',
      entity_type: 'report',
      data: { title: 'long', category: 'roads', description: 'x'.repeat(50_000) },
    }));
    const caller = actorOf(world.deps.engine.domain, citizen('alice'));
    const request = { envelope: { device_id: 'p1', actions }, guardFaults: [], waitMs: 0, representation: true };
    await upload(world.deps, caller, request);
    await world.settle();
    const { body } = await upload(world.deps, caller, request);
    expect(body.results.map(({ status }) => status)).toEqual(actions.map(() => 'success'));
    expect(JSON.stringify(body).length).toBeLessThan(3 * 1024 * 1024);
    const shown = body.results.filter(({ record }) => record).length;
    expect(shown).toBeGreaterThan(30);
    expect(body.results.slice(shown).every((result) => !('record' in result))).toBe(true);
  });
});
