import { launch } from './launch.js';

await launch(async () => (await import('./main.ts')).main);
