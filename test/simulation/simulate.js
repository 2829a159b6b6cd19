import { launch } from '../../tools/launch.js';

await launch(async () => (await import('./simulate-main.ts')).main);
