import { randomBytes } from 'node:crypto';
import type { WebSocket } from 'ws';

/** Limits of API Gateway's WebSocket APIs. */
export const IDLE_MS = 10 * 60_000;
export const LONGEST_MS = 2 * 3600_000;
export const LARGEST_MESSAGE = 128 * 1024;

/** "Going away", as the gateway says when a limit ends a connection. */
const GOING_AWAY = 1001;
const NORMAL = 1000;
/** For the other end to say goodbye, when the stack stops. */
const FAREWELL_MS = 200;

type Entry = { socket: WebSocket; idle: NodeJS.Timeout; end: NodeJS.Timeout };

/** Who is connected to the local stack, by connection id. */
export class LocalConnections {
  readonly #open = new Map<string, Entry>();

  get size(): number {
    return this.#open.size;
  }

  /** A new id, in the form of the gateway's own: it may hold characters that paths must encode. */
  newId(): string {
    return randomBytes(11).toString('base64');
  }

  add(id: string, socket: WebSocket): void {
    const entry = {
      socket,
      idle: setTimeout(() => socket.close(GOING_AWAY, 'Going away'), IDLE_MS),
      end: setTimeout(() => socket.close(GOING_AWAY, 'Going away'), LONGEST_MS),
    };
    this.#open.set(id, entry);
  }

  /** Something was said, in either direction. */
  heard(id: string): void {
    this.#open.get(id)?.idle.refresh();
  }

  /** False: there is no such connection (any more). */
  send(id: string, text: string): boolean {
    const entry = this.#open.get(id);
    if (entry === undefined) return false;
    this.heard(id);
    entry.socket.send(text);
    return true;
  }

  /** Closes it; from then on it is gone, whatever the other end makes of that. */
  close(id: string): boolean {
    const entry = this.#open.get(id);
    if (entry === undefined) return false;
    this.forget(id);
    entry.socket.close(NORMAL);
    return true;
  }

  forget(id: string): void {
    const entry = this.#open.get(id);
    clearTimeout(entry?.idle);
    clearTimeout(entry?.end);
    this.#open.delete(id);
  }

  /** Cuts all of them, as a network would. */
  cut(): void {
    for (const { socket } of this.#open.values()) socket.terminate();
  }

  stop(): void {
    for (const [id, { socket }] of this.#open) {
      this.forget(id);
      socket.close(GOING_AWAY);
      setTimeout(() => socket.terminate(), FAREWELL_MS);
    }
  }
}
