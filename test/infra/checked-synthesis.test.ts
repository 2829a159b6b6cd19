import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

describe('npx cdk synth', () => {
  it.each(['dev', 'prod'])('passes for %s: cdk-nag and the template rules find nothing that is not acknowledged', async (stage) => {
    const outdir = mkdtempSync(join(tmpdir(), 'fieldsync-synth-'));
    const { NODE_OPTIONS: _options, VITEST: _vitest, ...env } = process.env;
    await run(process.execPath, [join(ROOT, 'bin', 'synth.js')], {
      cwd: ROOT,
      env: { ...env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify({ stage }) },
    });
    const templates = readdirSync(outdir).filter((file) => file.endsWith('.template.json'));
    expect(templates).toEqual([`fieldsync-${stage}-data.template.json`, `fieldsync-${stage}.template.json`]);
    if (stage === 'prod') {
      for (const file of templates) expect(readFileSync(join(outdir, file), 'utf8')).not.toMatch(/localhost|jwks\.json/);
    }
  }, 60_000);
});
