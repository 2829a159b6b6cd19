import { describe, expect, it } from 'vitest';
import { checkFile, findCircles } from '../../../tools/check-imports.ts';

function check(path: string, source: string): string[] {
  return checkFile(path, source);
}

describe('the import rules', () => {
  it.each([
    ['src/engine/plan.ts', "import { LIMITS } from '../protocol/limits.ts';"],
    ['src/service/upload.ts', "import type { EntityRow } from '../engine/model.ts';"],
    ['src/adapters/sqs/queue.ts', "import { SQSClient } from '@aws-sdk/client-sqs';"],
    ['src/adapters/sqs/queue.ts', "import type { AudienceNote } from '../../engine/model.ts';"],
    ['src/http/event.ts', "import type { APIGatewayProxyEventV2 } from 'aws-lambda';"],
    ['src/http/encode.ts', "import { gzipSync } from 'node:zlib';"],
    ['functions/upload.ts', "import { httpHandler } from '../src/http/handler.ts';"],
    ['lib/functions.ts', "import { ENV } from '../src/runtime/env.ts';"],
    ['test/unit/x.test.ts', "import { upload } from '../../src/service/upload.ts';"],
  ])('allow %s: %s', (path, source) => {
    expect(check(path, source)).toEqual([]);
  });

  it.each([
    ['src/protocol/upload.ts', "import { jsonBytes } from '../engine/value.ts';", '../engine/value.ts'],
    ['src/engine/plan.ts', "import * as z from 'zod/mini';", 'zod/mini'],
    ['src/engine/plan.ts', "import { createHash } from 'node:crypto';", 'node:crypto'],
    ['src/engine/plan.ts', "import { createHash } from 'crypto';", 'crypto'],
    ['src/engine/plan.ts', "import type { Deps } from '../service/deps.ts';", '../service/deps.ts'],
    ['src/engine/plan.ts', "type Deps = import('../service/deps.ts').Deps;", '../service/deps.ts'],
    ['src/engine/plan.ts', "const load = () => import('../service/deps.ts');", '../service/deps.ts'],
    ['src/engine/plan.ts', 'const load = (name: string) => import(name);', '(computed)'],
    ['src/engine/plan.ts', "export { civic } from '../domain/civic.ts';", '../domain/civic.ts'],
    ['src/engine/plan.ts', "export * from '../domain/civic.ts';", '../domain/civic.ts'],
    ['src/service/upload.ts', "import { createQueue } from '../adapters/sqs/queue.ts';", '../adapters/sqs/queue.ts'],
    ['src/adapters/sqs/queue.ts', "import { ownerKey } from '../dynamodb/keys.ts';", '../dynamodb/keys.ts'],
    ['src/adapters/sqs/queue.ts', "import { planCommits } from '../../engine/plan.ts';", '../../engine/plan.ts'],
    ['src/adapters/sqs/queue.ts', "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';", '@aws-sdk/client-dynamodb'],
    ['src/http/event.ts', "import { Handler } from 'aws-lambda';", 'aws-lambda'],
    ['src/http/handler.ts', "import { sees } from '../engine/domain.ts';", '../engine/domain.ts'],
    ['src/runtime/env.ts', "import type { Deps } from '../service/deps.ts';", '../service/deps.ts'],
    ['functions/upload.ts', "import { upload } from '../src/service/upload.ts';", '../src/service/upload.ts'],
    ['functions/upload.ts', "import { SQSClient } from '@aws-sdk/client-sqs';", '@aws-sdk/client-sqs'],
    ['lib/functions.ts', "import { ROUTES } from '../src/http/routes.ts';", '../src/http/routes.ts'],
    ['lib/functions.ts', "import { handler } from '../functions/upload.ts';", '../functions/upload.ts'],
    ['client/sync.ts', "import { readFile } from 'node:fs';", 'node:fs'],
    ['local/start.ts', "import { TestIssuer } from '../test/support/issuer.ts';", '../test/support/issuer.ts'],
  ])('refuse %s: %s', (path, source, specifier) => {
    expect(check(path, source)).toEqual([expect.stringContaining(`may not import ${specifier}`)]);
  });

  it.each(['Date.now()', 'new Date()', 'Math.random()', 'process.env', 'performance', 'setTimeout(f, 1)', 'crypto.randomUUID()', "fetch('x')"])(
    'keep the engine from %s',
    (code) => {
      expect(check('src/engine/plan.ts', `export const x = ${code};`)).toEqual([expect.stringMatching(/^src\/engine\/plan\.ts:1: .* is pure/)]);
      expect(check('src/http/handler.ts', `export const x = ${code};`)).toEqual([]);
    },
  );

  it('let the engine read a time that it is given', () => {
    expect(check('src/engine/wire.ts', 'export const iso = (ms: number) => new Date(ms).toISOString(); // Date.now()')).toEqual([]);
  });

  it('know no folder that they do not name', () => {
    expect(check('src/utils/x.ts', '')).toEqual([expect.stringContaining('no rule says')]);
  });

  it('find files that import each other in a circle', () => {
    expect(findCircles(new Map([['a', ['b', 'd']], ['b', ['c']], ['c', ['b']], ['d', []]]))).toEqual([['b', 'c', 'b']]);
    expect(findCircles(new Map([['a', ['b', 'c']], ['b', ['c']], ['c', []]]))).toEqual([]);
  });
});
