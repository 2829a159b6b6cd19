import { launch } from '../tools/launch.js';

// What cdk.json starts. app.ts synthesizes when it is loaded.
await launch(async () => {
  await import('./app.ts');
  return async () => {};
});
