import type { GatewayResponse } from '../gateway/response.ts';
import type { Answerer } from '../gateway/server.ts';
import type { Outcome } from '../lambda/local-function.ts';

/** Where the functions find the services. */
export interface ServiceEndpoints {
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
}

/** The places of a local stack where trouble can be made on purpose. Without them nothing stands in between. */
export interface ChaosHooks {
  /** Stands between the functions and the services: is given the real endpoints, and gives those that functions use. */
  services?(real: ServiceEndpoints): Promise<ServiceEndpoints & { stop(): Promise<void> }>;
  /** Stands between a queue and the function that it feeds; its outcome is what the queue hears. */
  deliver?(functionName: string, event: unknown, invoke: (event: unknown) => Promise<Outcome>): Promise<Outcome>;
  /** Stands between the event that an object came and the function that hears of it. */
  hear?(functionName: string, event: unknown, invoke: (event: unknown) => Promise<Outcome>): Promise<Outcome>;
  /** Stands between the network and the API; nothing else that the local server answers goes through it. */
  network?(api: Answerer): Answerer;
  /** The same for those who connect to `/live`; an answer of 101 lets them in. */
  live?(admit: Answerer): Answerer;
  /** Stands between functions and connections: `POST` sends to one, `DELETE` closes it. */
  sockets?(method: string, connectionId: string, forward: () => Promise<GatewayResponse>): Promise<GatewayResponse>;
  /** Stands between a table's stream and the function that it feeds. */
  stream?(functionName: string, event: unknown, invoke: (event: unknown) => Promise<Outcome>): Promise<Outcome>;
}
