import { bundleContents } from '../bundle-functions.ts';
import { bundlePackages } from './bundle-packages.ts';

// `npm run bundles`: what is in the code of each function.

const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

for (const { bundle, bytes, packages } of bundlePackages(await bundleContents())) {
  console.log(`${bundle}: ${kb(bytes)}`);
  for (const { name, bytes: part } of packages) console.log(`  ${kb(part).padStart(9)}  ${name}`);
}
