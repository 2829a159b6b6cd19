import { describe, expect, it } from 'vitest';
import { bearerToken } from '../../../src/http/bearer.ts';

describe('the bearer token', () => {
  it.each(['Bearer abc.def-_~+/==', 'bearer abc.def-_~+/==', 'BEARER   abc.def-_~+/==', ' Bearer abc.def-_~+/== '])('is read from %j', (authorization) => {
    expect(bearerToken({ authorization })).toBe('abc.def-_~+/==');
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'abc', 'Bearer a b', 'Bearer a,Bearer b', 'Bearer a, Bearer a', 'Bearer =', 'XBearer a', 'Bearer a\n'.concat('b')])(
    'is refused in %j',
    (authorization) => {
      expect(() => bearerToken({ authorization })).toThrow(expect.objectContaining({ code: 'unauthorized' }));
    },
  );
});
