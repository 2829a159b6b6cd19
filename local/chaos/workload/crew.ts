import type { Claims } from '../../../src/engine/model.ts';
import type { UploadResponse, WireAction } from '../../../src/protocol/upload.ts';
import { Phone } from '../../demo/phone.ts';
import { Dice } from '../dice.ts';
import { RemoteServer } from './remote-server.ts';

/** A stack as the outside sees it: in this process or in another one. */
export interface Reachable {
  readonly url: string;
  token(claims: Claims): Promise<string>;
}

/** An action as a phone noted it, with the version of the record that it held when its user acted. */
export type Done = { user: string; device: string; action: WireAction; heldVersion: number | undefined };

/** One device with its user, what it did, and what it was told. */
export type Member = {
  readonly claims: Claims;
  readonly phone: Phone;
  readonly server: RemoteServer;
  readonly dice: Dice;
  readonly done: Done[];
  readonly answers: UploadResponse[];
  /** Per scope the last commit that its downloads hold (`scopes` of a page). */
  reached: Readonly<Record<string, number>>;
  /** What only this device can notice while it goes on. */
  readonly complaints: string[];
};

/** Records that somebody made: links to them are passed on, also to those who may not see them. */
export type Link = { type: 'report' | 'task'; id: string };

/** The devices of one schedule, with users and departments of their own. */
export type Crew = { readonly tag: string; readonly members: readonly Member[]; readonly links: Link[]; readonly scopes: readonly string[] };

export type CrewOptions = { waitSeconds?: number; patienceMs?: number };

/** Two phones of a citizen, one of them of the older contract, another citizen's phone, and two officers' tablets. */
export function gather(stack: Reachable, tag: string, seed: number, options: CrewOptions = {}): Crew {
  const roads = `roads-${tag}`;
  const water = `water-${tag}`;
  const citizen = (name: string): Claims => ({ sub: `${name}-${tag}`, role: 'citizen', departments: [] });
  const officer = (name: string, ...departments: string[]): Claims => ({ sub: `${name}-${tag}`, role: 'officer', departments });
  const devices: { claims: Claims; limit: number; follow: 'cursor' | 'since'; plain: boolean }[] = [
    { claims: citizen('alice'), limit: 200, follow: 'cursor', plain: false },
    { claims: citizen('alice'), limit: 200, follow: 'since', plain: true },
    { claims: citizen('bob'), limit: 3, follow: 'since', plain: false },
    { claims: officer('olga', roads), limit: 200, follow: 'cursor', plain: false },
    { claims: officer('omar', roads, water), limit: 2, follow: 'cursor', plain: false },
  ];
  const members = devices.map(({ claims, limit, follow, plain }, i): Member => {
    const deviceId = `d${i}-${tag}`;
    const server = serverFor(stack, claims, options);
    let acts = 0;
    const phone = new Phone(server, { deviceId, limit, follow, plain, uuid: () => `${deviceId}-${++acts}` });
    return { claims, phone, server, dice: new Dice(seed, deviceId), done: [], answers: [], reached: {}, complaints: [] };
  });
  const users = new Set(members.map(({ claims }) => `user:${claims.sub}`));
  return { tag, members, links: [], scopes: [...users, `department:${roads}`, `department:${water}`] };
}

/** The API as someone with these claims sees it. */
export function serverFor(stack: Reachable, claims: Claims, { waitSeconds = 2, patienceMs = 8_000 }: CrewOptions = {}): RemoteServer {
  let token: Promise<string> | undefined;
  return new RemoteServer({ url: stack.url, agent: claims.sub, token: () => (token ??= stack.token(claims)), waitSeconds, patienceMs });
}
