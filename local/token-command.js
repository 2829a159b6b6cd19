import { launch } from '../tools/launch.js';

await launch(async () => (await import('./token/token-main.ts')).tokenMain);
