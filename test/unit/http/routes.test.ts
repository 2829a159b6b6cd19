import { expect, it } from 'vitest';
import { FUNCTIONS } from '../../../lib/functions.ts';
import { methodsAt, ROUTES } from '../../../src/http/routes.ts';

it('the deployed routes are those of the table, and $default', () => {
  const deployed = Object.entries(FUNCTIONS).flatMap(([name, { routes }]) => (routes === undefined ? [] : [[name, routes]]));
  const { health, ...others } = ROUTES;
  expect(Object.fromEntries(deployed)).toEqual({ ...others, health: [...health, '$default'] });
});

it.each([
  ['/healthz', ['GET']],
  ['/api/v1/sync/upload', ['POST']],
  ['/api/v1/sync/records/report/r-1', ['GET']],
  ['/api/v1/sync/records/report', []],
  ['/api/v1/sync/records/report/', []],
  ['/api/v1/sync/records/report/r-1/x', []],
  ['/api/v1/sync/upload/', []],
  ['/', []],
])('the methods at %s are %j', (path, methods) => {
  expect(methodsAt(path)).toEqual(methods);
});
