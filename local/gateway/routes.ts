import type { RouteResource } from '../template/resources.ts';

export interface RouteMatch {
  readonly route: RouteResource;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * The route for a request, by the rules of HTTP APIs: a literal segment before a parameter, and `$default` for what
 * no other route answers. `path` is decoded: HTTP APIs decode it before they choose a route.
 */
export function matchRoute(routes: readonly RouteResource[], method: string, path: string): RouteMatch | undefined {
  let best: (RouteMatch & { readonly literals: number }) | undefined;
  for (const route of routes) {
    const [routeMethod, pattern] = route.routeKey.split(' ');
    if (pattern === undefined || (routeMethod !== method && routeMethod !== 'ANY')) continue;
    const match = matchPath(pattern, path);
    if (match === undefined || (best !== undefined && best.literals >= match.literals)) continue;
    best = { route, ...match };
  }
  if (best !== undefined) return best;
  const fallback = routes.find((route) => route.routeKey === '$default');
  return fallback === undefined ? undefined : { route: fallback, pathParameters: undefined };
}

function matchPath(pattern: string, path: string): { literals: number; pathParameters: RouteMatch['pathParameters'] } | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: [string, string][] = [];
  let literals = 0;
  for (const [at, segment] of wanted.entries()) {
    const value = given[at]!;
    const parameter = /^\{(.+)\}$/.exec(segment)?.[1];
    if (parameter !== undefined) {
      if (value === '') return undefined;
      parameters.push([parameter, value]);
    } else if (segment === value) {
      literals += 1;
    } else {
      return undefined;
    }
  }
  return { literals, pathParameters: parameters.length === 0 ? undefined : Object.fromEntries(parameters) };
}
