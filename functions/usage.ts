import { composeUsage } from '../src/runtime/compose-background.ts';

export const handler = composeUsage(process.env);
