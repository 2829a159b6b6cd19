import type { Domain } from '../../engine/domain.ts';
import type { Ports } from '../ports.ts';
import type { Connections } from '../ports/connections.ts';
import type { Sockets } from '../ports/sockets.ts';

/** What the use cases of `/live` are given. They never see a log, a record or an action. */
export type LiveDeps = Pick<Ports, 'clock' | 'ids' | 'report'> & { connections: Connections; sockets: Sockets; domain: Domain };
