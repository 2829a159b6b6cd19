import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack } from '../../local/stack.ts';
import type { LocalStack } from '../../local/stack-types.ts';
import type { ResolveResponse } from '../../src/protocol/conflict.ts';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import type { StatusResponse } from '../../src/protocol/status.ts';
import type { UploadResponse } from '../../src/protocol/upload.ts';
import { checkedBlock, document, ROOT } from '../support/documents.ts';

// The commands of the README, pasted as they stand; only the port is another.

const README = document('README.md');
const dataDir = mkdtempSync(join(tmpdir(), 'fieldsync-readme-'));
let stack: LocalStack;
beforeAll(async () => {
  stack = await startStack({ port: 0, dataDir, inMemory: true });
}, 60_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Pastes blocks of the README into one terminal; returns what each command answered. */
async function paste(...blocks: string[]): Promise<unknown[]> {
  const script = blocks.map((name) => checkedBlock(README, name)).join('').replaceAll('127.0.0.1:3000', `127.0.0.1:${stack.port}`);
  const env = { ...process.env, PORT: String(stack.port), FIELDSYNC_DATA_DIR: dataDir };
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: ROOT, env });
  return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}

describe('the README', () => {
  it('leads through a first sync, a conflict and its resolution', async () => {
    const [created, downloaded, status, tablet, phone, resolved] = (await paste('first-sync', 'conflict', 'resolve')) as [
      UploadResponse, DownloadResponse, StatusResponse, UploadResponse, UploadResponse, ResolveResponse,
    ];
    expect(created.results).toMatchObject([{ client_id: 'uuid-1', status: 'success', server_id: 1 }]);
    expect(downloaded.data['reports']).toMatchObject([{ id: 1, title: 'Pothole on Main Street' }]);
    expect(status).toMatchObject({ pending_uploads: 0, sync_health: 'good' });
    expect(tablet.results).toMatchObject([{ status: 'success' }]);
    expect(phone.results).toMatchObject([{ status: 'conflict', resolution: 'unresolved', merged: true }]);
    expect(phone.conflicts).toMatchObject([{ conflicting_fields: ['title'], record: { tags: ['urgent'] } }]);
    expect(resolved.record).toMatchObject({ title: 'Two potholes on Main Street', tags: ['urgent'] });
  }, 60_000);

  it('promises that sending again changes nothing', async () => {
    const [created, downloaded] = (await paste('first-sync')) as [UploadResponse, DownloadResponse];
    expect(created.results).toMatchObject([{ client_id: 'uuid-1', status: 'success', server_id: 1, duplicate: true }]);
    expect(downloaded.data['reports']).toHaveLength(1);
  }, 60_000);
});
