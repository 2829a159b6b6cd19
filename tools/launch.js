// The only file here that an old Node can read: it says what is missing before anything else fails for that reason.
// Plain JavaScript with dynamic imports, on purpose.

import module from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * @param {() => Promise<(args: string[]) => Promise<void>>} load
 */
export async function launch(load) {
  if (!runsTypeScript(process.versions.node)) {
    fail(`Node ${process.versions.node} is too old for Fieldsync. Run "npm ci" first: it brings Node 24 on Linux x64; `
      + 'elsewhere install Node 24 (22.18 is the least).');
  }
  keepCompiled();
  try {
    const main = await load();
    await main(process.argv.slice(2));
  } catch (error) {
    if (error?.name === 'StartProblem') fail(error.message);
    if (error?.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('package')) {
      fail(`${error.message.split(' imported from')[0]}. Run "npm ci" first.`);
    }
    throw error;
  }
}

/**
 * The next command of this checkout finds its modules without their types, and compiled. In a folder of its own: one
 * that all users of a machine share could bring code of somebody else.
 */
function keepCompiled() {
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
}

/** Whether this Node runs TypeScript by itself. */
function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
