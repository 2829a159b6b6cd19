import { blamesActions, fault, Http, type TokenSource } from './http.ts';
import { platformNetwork, platformTimers, type Network } from './network.ts';
import { askOutcomes } from './outcomes.ts';
import type { ActionResult, DownloadPage, Refusal, Results, WireAction, WireRecord } from './wire.ts';

/** For libraries with a database and a queue of their own: the HTTP API without the SDK's store. */
export type DirectOptions = {
  baseUrl: string;
  token: TokenSource;
  /** One per installation and, because a device has one upload in flight, per replication. */
  deviceId: string;
  network?: Network;
  timeoutMs?: number;
};

/** The last word on an action, with the record as it now is where the server told it. */
export type DirectResult = ActionResult & { record?: WireRecord | null | undefined };

/** What the app should hear of: the library itself has no place for it. */
export type Verdict = { action: WireAction; result: DirectResult };

const MOST_ACTIONS = 100;

export class Direct {
  readonly deviceId: string;
  readonly #http: Http;

  constructor({ baseUrl, token, deviceId, network = platformNetwork(), timeoutMs = 30_000 }: DirectOptions) {
    this.deviceId = deviceId;
    this.#http = new Http({ baseUrl, token, admit: async () => {}, network, timers: platformTimers, timeoutMs });
  }

  /** A page of changes. `place` is where the last one ended. */
  async page(place: { cursor?: string | undefined; since?: string | undefined }, types: readonly string[], limit: number): Promise<DownloadPage> {
    const query = { device_id: this.deviceId, ...place, limit: Math.max(1, Math.min(1000, limit)), types: [...types].sort().join(',') };
    const heard = await this.#http.ask<DownloadPage>('GET', 'download', { query });
    if ('refused' in heard) throw fault(heard.refused);
    return heard.answer;
  }

  /** Sends actions in their order and gives their results by `client_id`. Throws if an answer is missing: send them again. */
  async send(actions: readonly WireAction[]): Promise<Map<string, DirectResult>> {
    const results = new Map<string, DirectResult>();
    for (let from = 0; from < actions.length; from += MOST_ACTIONS) {
      for (const result of await this.#upload(actions.slice(from, from + MOST_ACTIONS))) results.set(result.client_id, result);
    }
    return results;
  }

  /** What became of actions that were sent before. */
  async outcomes(clientIds: readonly string[]): Promise<Map<string, DirectResult>> {
    const answers = await askOutcomes(this.#http, this.deviceId, clientIds);
    return new Map(answers.flatMap(({ results }) => results.map((result) => [result.client_id, result])));
  }

  /** The record as it now is, or that it was deleted; `unknown`: there is none that the user may see. */
  async record(type: string, entityId: string): Promise<WireRecord | 'deleted' | 'unknown'> {
    const heard = await this.#http.ask<{ success: true; record: WireRecord | null }>('GET', `records/${type}/${encodeURIComponent(entityId)}`);
    if ('answer' in heard) return heard.answer.record ?? 'deleted';
    if (heard.refused.status === 404) return 'unknown';
    throw fault(heard.refused);
  }

  /** An upload that is refused as a whole is halved until the action to blame is found, which ends as rejected. */
  async #upload(actions: readonly WireAction[]): Promise<DirectResult[]> {
    const heard = await this.#http.ask<Results>('POST', 'upload', { body: { device_id: this.deviceId, actions }, wait: 10, representation: true });
    if ('answer' in heard) return heard.answer.results;
    const { code, detail, errors } = heard.refused;
    const [only] = actions;
    if (!blamesActions(heard.refused) || !only) throw fault(heard.refused);
    if (actions.length > 1) {
      const middle = Math.ceil(actions.length / 2);
      return [...(await this.#upload(actions.slice(0, middle))), ...(await this.#upload(actions.slice(middle)))];
    }
    const error: Refusal = { code, message: detail, errors };
    return [{ client_id: only.client_id, status: 'rejected', message: detail, error }];
  }
}
