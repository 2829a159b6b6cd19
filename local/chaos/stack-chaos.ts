import { accessKeyOf } from '../access/access-guard.ts';
import type { LocalStack } from '../stack-types.ts';
import { Deliveries } from './deliveries.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { ChaosHooks } from './hooks.ts';
import { Network } from './network.ts';
import { ServiceFaults } from './service-faults.ts';

/** A local stack that can be broken on purpose: in its services, its functions and queues, and its network. */
export class StackChaos implements ChaosHooks {
  readonly faults = new ServiceFaults();
  readonly phones = new Network();
  readonly #deliveries = new Deliveries();

  /** To be called when the stack runs: from then on its functions can die, freeze and be overtaken too. */
  attach(stack: LocalStack): void {
    this.#deliveries.attach(stack);
    const names = new Map(stack.resources.functions.map(({ shortName }) => [accessKeyOf(shortName), shortName]));
    const nameOf = (caller: string) => names.get(caller) ?? caller;
    this.faults.environments = {
      crash: (caller) => stack.crash(nameOf(caller)),
      freeze: (caller, ms) => stack.freeze(nameOf(caller), ms),
      overtake: (caller, lane) => this.#deliveries.overtake(nameOf(caller), lane),
    };
  }

  services: NonNullable<ChaosHooks['services']> = async (real) => {
    const [dynamo, sqs] = await Promise.all([
      startFaultProxy(real.dynamoEndpoint, this.faults.intercept),
      startFaultProxy(real.sqsEndpoint, this.faults.intercept),
    ]);
    return {
      dynamoEndpoint: dynamo.endpoint,
      sqsEndpoint: sqs.endpoint,
      stop: async () => {
        this.#deliveries.stop();
        await Promise.all([dynamo.stop(), sqs.stop()]);
      },
    };
  };

  deliver: NonNullable<ChaosHooks['deliver']> = (functionName, event, invoke) =>
    this.#deliveries.hand(functionName, event, invoke, (lane) => this.faults.delivery(functionName, lane));

  network: NonNullable<ChaosHooks['network']> = (api) => this.phones.before(api);
}
