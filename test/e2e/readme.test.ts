import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import type { ResolveResponse } from '../../src/protocol/conflict.ts';
import type { DownloadResponse } from '../../src/protocol/download.ts';
import type { StatusResponse } from '../../src/protocol/status.ts';
import type { UploadResponse } from '../../src/protocol/upload.ts';
import { checkedBlock, document, ROOT } from '../support/documents.ts';

// The commands of the README, pasted as they stand; only port, user and department are others.

const README = document('README.md');
const { port, dataDir } = inject('stack');

/** A terminal of someone's own: pastes blocks of the README, returns what each command answered. */
function terminal(): (...blocks: string[]) => Promise<unknown[]> {
  const own = randomUUID();
  return async (...blocks) => {
    const script = blocks
      .map((name) => checkedBlock(README, name))
      .join('')
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)
      .replaceAll('--sub alice', `--sub ${own}`)
      .replaceAll('"category":"roads"', `"category":"${own}"`);
    const env = { ...process.env, PORT: String(port), FIELDSYNC_DATA_DIR: dataDir };
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { cwd: ROOT, env });
    return stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  };
}

describe('the README', () => {
  it('leads through a first sync, a conflict and its resolution', async () => {
    const [created, downloaded, status, tablet, phone, resolved] = (await terminal()('first-sync', 'conflict', 'resolve')) as [
      UploadResponse, DownloadResponse, StatusResponse, UploadResponse, UploadResponse, ResolveResponse,
    ];
    expect(created.results).toMatchObject([{ client_id: 'uuid-1', status: 'success' }]);
    expect(downloaded.data['reports']).toMatchObject([{ title: 'Pothole on Main Street' }]);
    expect(status).toMatchObject({ pending_uploads: 0, sync_health: 'good' });
    expect(tablet.results).toMatchObject([{ status: 'success' }]);
    expect(phone.results).toMatchObject([{ status: 'conflict', resolution: 'unresolved', merged: true }]);
    expect(phone.conflicts).toMatchObject([{ conflicting_fields: ['title'], record: { tags: ['urgent'] } }]);
    expect(resolved.record).toMatchObject({ title: 'Two potholes on Main Street', tags: ['urgent'] });
  });

  it('promises that sending again changes nothing', async () => {
    const paste = terminal();
    const [first] = (await paste('first-sync')) as [UploadResponse];
    const [again, downloaded] = (await paste('first-sync')) as [UploadResponse, DownloadResponse];
    expect(again.results).toEqual(first.results.map((result) => ({ ...result, duplicate: true })));
    expect(downloaded.data['reports']).toHaveLength(1);
  });
});
