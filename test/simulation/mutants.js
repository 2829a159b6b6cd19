import { launch } from '../../tools/launch.js';

await launch(async () => (await import('./mutants-main.ts')).main);
