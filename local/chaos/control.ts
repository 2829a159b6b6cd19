import { isOwnProgram } from '../gateway/local-routes.ts';
import { readBody } from '../gateway/request-body.ts';
import { ownAnswer, type GatewayResponse } from '../gateway/response.ts';
import type { Answerer } from '../gateway/server.ts';
import { StartProblem } from '../start-problem.ts';
import { MODE_WORDS, parseChaos } from './modes.ts';
import type { Network } from './network.ts';

const PATH = '/.local/chaos';

/**
 * Lets programs of this machine ask for the network's mode and change it while an app runs:
 * `curl -X PUT http://127.0.0.1:3000/.local/chaos -d offline`, and `-d none` to be back.
 */
export function controlled(network: Network, api: Answerer): Answerer {
  const behind = network.before(api);
  return async (request) => {
    if (request.url !== PATH) return behind(request);
    if (!isOwnProgram(request)) return ownAnswer(403, 'Forbidden');
    if (request.method === 'PUT') {
      try {
        network.set(parseChaos((await readBody(request))?.toString() ?? ''));
      } catch (error) {
        if (error instanceof StartProblem) return ownAnswer(400, error.message);
        throw error;
      }
    }
    return text(describe(network));
  };
}

/** The mode in words. */
export function describe({ weather }: Network): string {
  return weather === undefined ? 'no chaos' : `${weather.mode} (seed ${weather.seed}): ${MODE_WORDS[weather.mode]}`;
}

function text(line: string): GatewayResponse {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(`${line}\n`) };
}
