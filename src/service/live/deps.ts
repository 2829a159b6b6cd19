import type { Domain } from '../../engine/domain.ts';
import type { Connections, Ports, Sockets } from '../ports.ts';

/** What the use cases of `/live` are given. They never see a log, a record or an action. */
export type LiveDeps = Pick<Ports, 'clock' | 'ids' | 'report'> & { connections: Connections; sockets: Sockets; domain: Domain };
