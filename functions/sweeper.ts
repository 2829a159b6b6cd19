import { composeSweeper } from '../src/runtime/compose-background.ts';

/** Sends pending batches and parked notes again that no message is left for (design 4, Sweeper). */
export const handler = composeSweeper(process.env);
