import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import { ownAnswer, type GatewayResponse } from '../gateway/response.ts';
import type { Answerer } from '../gateway/server.ts';
import { chance } from './dice.ts';
import { EVERYONE, laneIn, ofLane, type Lane } from './lane.ts';
import { MODES, type ChaosMode } from './modes.ts';

/** What the network did to requests so far. */
export interface NetworkCounts {
  requests: number;
  lost: number;
  unanswered: number;
  errors: number;
}

/** How the network is for somebody. */
export interface Weather {
  readonly mode: ChaosMode;
  readonly seed: number;
  /** Delays are as many times as long as the mode's: tests have less time than people. */
  readonly pace?: number;
}

/**
 * The network between phones and API, in one of the modes. The k-th request of a method to a path always meets the same
 * fate under one seed. CORS preflights pass: a browser's fetch fails either way.
 */
export class Network {
  readonly counts: NetworkCounts = { requests: 0, lost: 0, unanswered: 0, errors: 0 };
  /** Is told when the network of everybody changes. */
  changed: () => void = () => {};
  readonly #weather = new Map<Lane, Weather & { readonly asked: Map<string, number> }>();

  /** Nothing: it is a good one. */
  get weather(): Weather | undefined {
    return this.#weather.get(EVERYONE);
  }

  /** From now on. Requests tell their lane by their user agent. */
  set(weather: Weather | undefined, lane: Lane = EVERYONE): void {
    if (weather === undefined) this.#weather.delete(lane);
    else this.#weather.set(lane, { ...weather, asked: new Map() });
    if (lane === EVERYONE) this.changed();
  }

  /** Puts the network before the API. */
  before(api: Answerer): Answerer {
    return async (request) => {
      const lane = laneIn(request.headers['user-agent'] ?? '');
      const weather = lane === EVERYONE ? this.#weather.get(EVERYONE) : ofLane(this.#weather, lane);
      if (weather === undefined || request.method === 'OPTIONS') return api(request);
      const name = `${request.method} ${(request.url ?? '').split('?')[0]}`;
      const k = weather.asked.get(name) ?? 0;
      weather.asked.set(name, k + 1);
      return this.#carry(weather, (what) => chance(weather.seed, what, name, k), request, api);
    };
  }

  async #carry(
    { mode, pace = 1 }: Weather, dice: (what: string) => number, request: IncomingMessage, api: Answerer,
  ): Promise<GatewayResponse | undefined> {
    const { delayMs: [least, most], lost, fails, unanswered, bytesPerSecond } = MODES[mode];
    this.counts.requests++;
    if (most > 0) await sleep((least + (most - least) * dice('delay')) * pace);
    if (dice('lost') < lost) {
      this.counts.lost++;
      return hangUp(request);
    }
    const willFail = dice('fails') < fails;
    if (willFail && dice('when') < 0.5) return this.#error(request, dice('error'));
    const answer = await api(request);
    if (dice('unanswered') < unanswered) {
      this.counts.unanswered++;
      return hangUp(request);
    }
    if (answer && bytesPerSecond > 0) await sleep((answer.body.length / bytesPerSecond) * 1000 * pace);
    return willFail ? this.#error(request, dice('error')) : answer;
  }

  /** Whatever stands between phone and function may say such a thing, before or after the function ran. */
  #error(request: IncomingMessage, dice: number): GatewayResponse {
    this.counts.errors++;
    request.resume();
    if (dice < 0.3) return ownAnswer(500, 'Internal Server Error');
    if (dice < 0.5) return ownAnswer(504, 'Gateway Timeout');
    const answer = ownAnswer(503, 'Service Unavailable');
    return dice < 0.75 ? answer : { ...answer, headers: { ...answer.headers, 'retry-after': '1' } };
  }
}

/** Nobody reads this answer: the connection is gone. */
function hangUp(request: IncomingMessage): GatewayResponse {
  request.socket.destroy();
  return ownAnswer(503, 'Service Unavailable');
}
