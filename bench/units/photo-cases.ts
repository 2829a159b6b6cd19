import { createHash } from 'node:crypto';
import type { Phone } from '../../local/demo/phone.ts';
import type { AttachmentResponse } from '../../src/protocol/attachment.ts';
import type { Tally } from '../meter/tally.ts';
import type { Person, Stage } from '../stage/stage.ts';
import { push, type UnitCase } from './cases.ts';

const BYTES = Buffer.alloc(1000, 'photo');

/** One photo of a report that is there, from its announcement to where nothing is left to do. */
export const PHOTOS: readonly UnitCase[] = [
  { name: 'photo, there before the report names it', actions: 1, run: photoFirst },
  { name: 'photo, there after the report names it', actions: 1, run: reportFirst },
  { name: 'see a photo', actions: 1, run: seen },
];

async function photoFirst(stage: Stage): Promise<Tally> {
  const reported = await report(stage);
  return stage.count(async () => {
    const announced = await announce(reported);
    await send(stage, announced);
    await add(reported, announced);
    await stage.everyMinute('attachment-check');
  });
}

async function reportFirst(stage: Stage): Promise<Tally> {
  const reported = await report(stage);
  return stage.count(async () => {
    const announced = await announce(reported);
    await add(reported, announced);
    await send(stage, announced);
    await stage.everyMinute('attachment-check');
  });
}

async function seen(stage: Stage): Promise<Tally> {
  const reported = await report(stage);
  const announced = await announce(reported);
  await send(stage, announced);
  await add(reported, announced);
  return stage.count(async () => {
    const { status } = await reported.person.api.request('GET', `sync/attachments/${announced.attachment_id}`, { query: { entity_id: reported.id } });
    if (status !== 200) throw new Error(`the photo is not to be seen: ${status}`);
  });
}

type Reported = { person: Person; phone: Phone; id: string; photo: string };

async function report(stage: Stage): Promise<Reported> {
  const person = await stage.citizen();
  const phone = stage.phone(person);
  const { client_id: id } = phone.create('report', { title: 'Pothole', category: 'roads' });
  await push(phone);
  await phone.pull();
  return { person, phone, id, photo: stage.uuid() };
}

async function announce({ person, photo }: Reported): Promise<AttachmentResponse> {
  const body = { client_id: photo, content_type: 'image/jpeg', size: BYTES.length, sha256: createHash('sha256').update(BYTES).digest('hex') };
  return (await person.api.request('POST', 'sync/attachments', { body })).body as AttachmentResponse;
}

async function send(stage: Stage, { upload }: AttachmentResponse): Promise<void> {
  if (!upload) throw new Error('there is no link to send it to');
  const { status } = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: BYTES });
  if (status !== 200) throw new Error(`the bucket answered ${status}`);
  await stage.heard();
}

async function add({ phone, id }: Reported, { attachment_id: attachment }: AttachmentResponse): Promise<void> {
  phone.edit('report', id, { photos: { $add: [attachment] } });
  await push(phone);
}
