import { LIMITS } from '../../../src/protocol/limits.ts';
import { BOMBS } from './bombs.ts';
import { fuse } from './detonate.ts';

// One bomb of the largest size, in a process of its own: prints what it cost as a line of a table.

const bomb = BOMBS.find(({ name }) => name === process.argv[2]);
if (!bomb) throw new Error('name one of the bombs');
const { send } = fuse(bomb, LIMITS.bodyBytes - 256);
const before = process.memoryUsage.rss();
const begun = performance.now();
const { statusCode } = await send();
const ms = Math.round(performance.now() - begun);
const grown = Math.max(0, Math.round(process.resourceUsage().maxRSS / 1024 - before / 2 ** 20));
process.stdout.write(`${String(ms).padStart(6)} ms ${String(grown).padStart(5)} MB  ${statusCode}  ${bomb.name}\n`);
