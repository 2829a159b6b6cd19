import { launch } from '../tools/launch.js';

await launch(async () => (await import('./demo/main.ts')).demoMain);
