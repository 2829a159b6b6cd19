import type { Scope } from '../../engine/model.ts';

/** Someone who is connected to `/live` (protocol.md, Live). */
export type Connection = {
  id: string;
  user: string;
  /** What its pokes may name: what its token grants. */
  scopes: readonly Scope[];
  /** ms. From `endsAt` on, whole seconds, its token grants nothing any more. */
  connectedAt: number;
  endsAt: number;
};

/** Who is connected. A row that was lost, or found too late, costs someone a poke and never a change. */
export type Connections = {
  /** Is found by all that follows when this returns. */
  add(connection: Connection): Promise<void>;
  /** Strong. */
  get(id: string): Promise<Connection | undefined>;
  /** Is found by nothing any more. No error if it is not there. */
  remove(connection: Connection): Promise<void>;
  /** Strong. All that listen to a scope. */
  listeners(scope: Scope): Promise<Pick<Connection, 'id' | 'endsAt'>[]>;
  /** Strong. A user's, oldest first. */
  ofUser(user: string): Promise<Pick<Connection, 'id' | 'connectedAt'>[]>;
  /** Ids of those that end within the minute that begins then (ms); some may be gone already. Not strong. */
  endingWithin(minute: number): Promise<Pick<Connection, 'id' | 'endsAt'>[]>;
};
