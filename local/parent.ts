/** How often it is looked after, ms. */
const EVERY_MS = 250;

/**
 * Resolves when the program that started this one is gone. npm passes a signal on to a shell, and the shell need not
 * pass it on to us: without this, a stack whose npm was killed would run on and keep its port. Only under npm: whoever
 * starts `node` by hand may go.
 */
export function parentGone(): Promise<string> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve('npm is gone');
    }, EVERY_MS);
    timer.unref();
  });
}
