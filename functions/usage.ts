import { composeUsage } from '../src/runtime/compose-admin.ts';

export const handler = composeUsage(process.env);
