import { launch } from './launch.js';

await launch(async () => (await import('./token/token-main.ts')).tokenMain);
