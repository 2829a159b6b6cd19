import { Trouble } from '../../service/errors.ts';
import type { Sockets } from '../../service/ports/sockets.ts';

export type MemorySockets = Sockets & {
  /** What each connection was sent. */
  sent: Map<string, unknown[]>;
  closed: string[];
  /** Connections that are not there any more. */
  gone: Set<string>;
  /** Connections that can't be reached: each call ends in trouble, when this resolves. */
  stuck: Map<string, Promise<unknown>>;
};

/** Connections that take everything, but for those that a test lets fail. */
export function createMemorySockets(): MemorySockets {
  const sent: MemorySockets['sent'] = new Map();
  const closed: string[] = [];
  const gone = new Set<string>();
  const stuck: MemorySockets['stuck'] = new Map();
  async function reach(id: string): Promise<boolean> {
    const wait = stuck.get(id);
    if (wait) {
      await wait;
      throw new Trouble('sockets: stuck', undefined);
    }
    return !gone.has(id);
  }
  return {
    sent,
    closed,
    gone,
    stuck,
    async send(id, text) {
      if (!(await reach(id))) return 'gone';
      sent.set(id, [...(sent.get(id) ?? []), JSON.parse(text)]);
      return 'sent';
    },
    async close(id) {
      if (!(await reach(id))) return;
      closed.push(id);
      gone.add(id);
    },
  };
}
