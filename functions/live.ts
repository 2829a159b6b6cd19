import { liveHandler } from '../src/http/live.ts';
import { composeLive } from '../src/runtime/compose-live.ts';

/** The routes of the WebSocket API: who connects, who is still there, who hung up (protocol.md, Live). */
export const handler = liveHandler(composeLive(process.env));
