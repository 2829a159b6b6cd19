import { createHash } from 'node:crypto';
import type { Actor } from '../../../src/engine/model.ts';
import type { AttachmentResponse } from '../../../src/protocol/attachment.ts';
import { announce } from '../../../src/service/attachments/announce.ts';
import { linkTo } from '../../../src/service/attachments/link.ts';
import type { Photos } from '../model/photos.ts';
import type { PhotoOp, Sending } from '../scenario/scenario.ts';
import { request, type Heard } from '../world/network.ts';
import type { World } from '../world/world.ts';
import type { HeldRecord } from './local-store.ts';

type Shot = { clientId: string; bytes: Buffer; id?: string };
type Upload = NonNullable<AttachmentResponse['upload']>;

const TYPE = 'image/jpeg';
const TRIES = 4;
/** A report takes ten, and a user has at most three phones. */
const MOST_PHOTOS = 3;

/** The photos of one phone: announced and sent apart from its actions, which name those whose ids it has heard. */
export class Camera {
  readonly #world: World;
  readonly #photos: Photos;
  readonly #name: string;
  readonly #actor: Actor;
  #shots: Shot[] = [];
  #requests = 0;

  constructor(world: World, photos: Photos, name: string, actor: Actor) {
    this.#world = world;
    this.#photos = photos;
    this.#name = name;
    this.#actor = actor;
  }

  /** What actions can name. */
  get ids(): string[] {
    return this.#shots.flatMap(({ id }) => id ?? []);
  }

  /** Does something, beside whatever the phone is busy with. `held`: the records that it holds. */
  do(op: PhotoOp, held: readonly HeldRecord[]): void {
    if (op.do === 'take a photo') this.#take(op.sending);
    else if (op.do === 'announce again') this.#again(op.pick, op.sending, op.other);
    else void this.#see(op.pick, held);
  }

  #take(sending: Sending): void {
    if (this.#shots.length === MOST_PHOTOS) return;
    const clientId = `${this.#name}_photo_${this.#shots.length + 1}`;
    const shot = { clientId, bytes: Buffer.from(`what ${clientId} shows`) };
    this.#shots.push(shot);
    void this.#underWay(this.#send(shot, shot.bytes, sending));
  }

  /** The same announcement once more; `other`: with other content, which only counts if the first is forgotten. */
  #again(pick: number, sending: Sending, other: boolean): void {
    const shot = this.#shots[Math.floor(pick * this.#shots.length)];
    if (!shot) return;
    this.#world.count('a photo was announced again');
    const bytes = other ? Buffer.from(`something else than ${shot.clientId}`) : shot.bytes;
    void this.#underWay(this.#send(shot, bytes, sending));
  }

  /** Asks for a link to a photo that a held record names, and follows it. */
  async #see(pick: number, held: readonly HeldRecord[]): Promise<void> {
    const named = held.flatMap((record) => Object.keys(record.states).map((id) => ({ record, id })));
    const one = named[Math.floor(pick * named.length)];
    if (!one) return;
    const { record, id } = one;
    const heard = await this.#request('sees', (caller) => (deps, task) => linkTo(deps, this.#world.bucket.port(task), caller, id, record.entityId));
    if (heard.kind === 'answer') this.#photos.seen(id, this.#world.bucket.objects.fetch(heard.value.url));
    else if (heard.kind === 'refused' && heard.error.code !== 'not_found') this.#fail(`a link to photo ${id} was refused: ${heard.error.code}`);
  }

  async #underWay(work: Promise<void>): Promise<void> {
    const { bucket } = this.#world;
    bucket.underWay++;
    await work;
    bucket.underWay--;
  }

  /** Announces it, and puts its bytes to the link; for one that has run out meanwhile it asks anew, once. */
  async #send(shot: Shot, bytes: Buffer, sending: Sending): Promise<void> {
    const upload = await this.#announced(shot, bytes);
    if (!upload || sending.bytes === 'none') return;
    await this.#world.scheduler.sleep(sending.afterMs);
    const ranOut = this.#world.now > Date.parse(upload.expires_at);
    if (ranOut) this.#world.count('a link to a photo had run out');
    const link = ranOut ? await this.#announced(shot, bytes) : upload;
    if (link) await this.#put(shot, link, bytes, sending);
  }

  /** Who begins in time may end late: S3 looks at a link when a request begins. */
  async #put({ id = '', clientId }: Shot, { url }: Upload, bytes: Buffer, { bytes: kind, takesMs, event }: Sending): Promise<void> {
    const { bucket, scheduler } = this.#world;
    if (takesMs > 0) await scheduler.sleep(takesMs);
    const wrong = kind === 'wrong';
    // No store is so broken that it forgets what it has checked.
    if (wrong && bucket.has('incoming', id)) return;
    const body = wrong ? Buffer.alloc(bytes.length, 'x') : bytes;
    if (wrong) this.#world.count('other bytes came than were announced');
    const came = bucket.put(id, url, body, TYPE, event, wrong || takesMs > 0);
    this.#world.trace(this.#name, () => `puts the bytes of ${clientId}, photo ${id} (${kind}, ${event}) → ${came}`);
  }

  async #announced(shot: Shot, bytes: Buffer): Promise<Upload | undefined> {
    const { clientId } = shot;
    const sha256 = createHash('sha256').update(bytes);
    const [hex, base64] = [sha256.copy().digest('hex'), sha256.digest('base64')];
    const asked = { client_id: clientId, content_type: TYPE, size: bytes.length, sha256: hex } as const;
    for (let round = 0; round < TRIES; round++) {
      const heard = await this.#request('announces', (caller) => (deps, task) => announce(deps, this.#world.bucket.port(task), caller, asked));
      if (heard.kind === 'answer') {
        const { attachment_id: id, state, upload } = heard.value;
        this.#world.trace(this.#name, () => `hears that ${clientId} is photo ${id}, ${state}`);
        this.#photos.heard(this.#actor.sub, clientId, id, base64);
        shot.id = id;
        return upload ?? undefined;
      }
      if (heard.kind === 'refused') {
        const reason = heard.error.code === 'client_id_reused' && this.#photos.mayBeReused(this.#actor.sub, clientId, base64);
        if (reason) this.#world.count('other content was announced under a used client_id');
        else this.#fail(`the announcement ${clientId} was refused: ${heard.error.code}`);
        return undefined;
      }
      await this.#world.scheduler.sleep(500 * (round + 1));
    }
    return undefined;
  }

  #request<T>(what: string, body: (caller: Actor) => Parameters<typeof request<T>>[2]): Promise<Heard<T>> {
    return request(this.#world, `${this.#name} ${what} photo ${++this.#requests}`, body(this.#actor));
  }

  #fail(detail: string): void {
    this.#world.fail('P12', 'camera', detail);
  }
}
