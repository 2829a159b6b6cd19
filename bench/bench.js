import { launch } from '../tools/launch.js';

await launch(async () => (await import('./main.ts')).main);
