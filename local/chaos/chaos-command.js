import { launch } from '../../tools/launch.js';

await launch(async () => (await import('./chaos-main.ts')).chaosMain);
