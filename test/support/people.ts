import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { Api } from '../../local/demo/api.ts';
import { Phone, type PhoneOptions, type UploadBody } from '../../local/demo/phone.ts';
import { localIssuer, type TokenClaims } from '../../local/token/local-issuer.ts';
import type { Json, JsonObject } from '../../src/protocol/json.ts';
import type { UploadResponse, WireAction } from '../../src/protocol/upload.ts';

/** Long enough for any machine: outcomes are wanted, not a measurement. */
export const PATIENT = { prefer: 'wait=20' };

/** A name that no other test has. */
export function fresh(name: string): string {
  return `${name}-${randomUUID().slice(0, 8)}`;
}

export async function tokenFor(claims: TokenClaims): Promise<string> {
  const { dataDir, port } = inject('stack');
  return (await localIssuer(dataDir, port)).sign(claims);
}

/** Someone with a token of the local stack, and their phones. */
export class Person {
  readonly sub: string;
  readonly api: Api;

  constructor(sub: string, api: Api) {
    this.sub = sub;
    this.api = api;
  }

  get home(): string {
    return `user:${this.sub}`;
  }

  phone(options: Partial<PhoneOptions> = {}): Phone {
    const server = { upload: (body: UploadBody) => this.api.upload(body, PATIENT), download: this.api.download.bind(this.api) };
    return new Phone(server, { deviceId: randomUUID(), ...options });
  }

  /** Uploads actions of one device and waits for their outcomes. */
  async upload(actions: readonly Partial<WireAction>[], more: JsonObject = {}): Promise<UploadResponse> {
    const body = { device_id: 'tablet', ...more, actions: actions.map(action) };
    return this.api.upload(body as UploadBody, PATIENT);
  }
}

/** An action with what every action needs. */
export function action(given: Partial<WireAction>): WireAction {
  return { client_id: randomUUID(), action_type: 'create_report', entity_type: 'report', timestamp: new Date().toISOString(), ...given };
}

async function person(name: string, claims: Omit<TokenClaims, 'sub'>): Promise<Person> {
  const sub = fresh(name);
  return new Person(sub, new Api(inject('stack').url, await tokenFor({ sub, ...claims })));
}

export const citizen = (name = 'alice'): Promise<Person> => person(name, { role: 'citizen' });
export const officer = (...departments: string[]): Promise<Person> => person('olga', { role: 'officer', departments });
export const admin = (): Promise<Person> => person('root', { role: 'admin' });

/** The same person with another token. */
export async function again({ sub }: Person, claims: Omit<TokenClaims, 'sub'>): Promise<Person> {
  return new Person(sub, new Api(inject('stack').url, await tokenFor({ sub, ...claims })));
}

/** Someone without a token. */
export function stranger(token = ''): Api {
  return new Api(inject('stack').url, token);
}

/** Invokes a function as ops do, past the HTTP API. */
export async function invoke(name: string, event: Json): Promise<Json> {
  const answer = await stranger().request('POST', `/2015-03-31/functions/${name}/invocations`, { body: event as JsonObject });
  return answer.body;
}
