import { launch } from '../../tools/launch.js';

await launch(async () => (await import('./fuzz-main.ts')).main);
