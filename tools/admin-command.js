import { launch } from './launch.js';

await launch(async () => (await import('./admin/admin-main.ts')).adminMain);
