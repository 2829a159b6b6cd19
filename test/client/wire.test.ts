import { expectTypeOf, it } from 'vitest';
import type * as wire from '../../client/src/wire.ts';
import type { ConflictsResponse, ResolveRequest, WireConflict } from '../../src/protocol/conflict.ts';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import type { Strategy } from '../../src/protocol/primitives.ts';
import type { WireRecord } from '../../src/protocol/record.ts';
import type { ActionResult, UploadResponse, WireAction } from '../../src/protocol/upload.ts';
import type { PhoneDomain } from '../../client/src/domain.ts';
import { domain } from '../../examples/reports/domain.ts';
import { civic } from '../../src/domain/civic.ts';
import { expect } from 'vitest';

// `tsc` is what fails here: the phone's types and the server's schemas say the same.
it('the phone’s types are those of the contract', () => {
  expectTypeOf<WireRecord>().toExtend<wire.WireRecord>();
  expectTypeOf<DownloadResponse>().toExtend<wire.DownloadPage>();
  expectTypeOf<wire.DownloadPage>().toExtend<DownloadResponse>();
  expectTypeOf<ActionResult>().toExtend<wire.ActionResult>();
  expectTypeOf<UploadResponse>().toExtend<wire.Results>();
  expectTypeOf<WireConflict>().toExtend<wire.WireConflict>();
  expectTypeOf<wire.WireConflict>().toExtend<WireConflict>();
  expectTypeOf<ConflictsResponse>().toExtend<wire.ConflictList>();
  expectTypeOf<wire.WireAction>().toExtend<WireAction>();
  expectTypeOf<wire.ResolveBody>().toExtend<ResolveRequest>();
  expectTypeOf<wire.Strategy>().toEqualTypeOf<Strategy>();
  expectTypeOf(civic).toExtend<PhoneDomain>();
});

it('the example’s domain says what the server’s does', () => {
  for (const [name, type] of Object.entries(domain.types)) {
    const server = civic.types[name];
    expect(type).toMatchObject({ collection: server?.collection });
    expect(type.schemaVersion ?? 1).toBe(server?.schemaVersion);
    expect(type.singletonId !== undefined).toBe(server?.singletonId !== undefined);
    expect(Object.keys(type.fields)).toEqual(Object.keys(server?.fields ?? {}));
    for (const [field, { kind, merge, initial }] of Object.entries(type.fields)) {
      const known = server?.fields[field];
      expect([field, kind, merge ?? 'latest', initial]).toEqual([field, known?.kind, known?.merge, known?.initial]);
    }
    const actions = Object.entries(server?.actions ?? {}).map(([action, { op, fields }]) => [action, { op, ...(fields && { fields: [...fields] }) }]);
    expect(type.actions).toEqual(Object.fromEntries(actions));
  }
});
