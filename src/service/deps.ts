import type { Engine } from '../engine/context.ts';
import type { Ports } from './ports.ts';

/** What every use case is given: the ports, the engine with its domain, and the epoch of the deployment. */
export type Deps = Ports & { engine: Engine; epoch: number };
