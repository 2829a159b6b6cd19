import { launch } from './launch.js';

await launch(async () => (await import('./verify.ts')).verifyMain);
