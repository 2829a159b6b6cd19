import type { Node } from 'constructs';

/** What differs between stages. Everything else is the same everywhere, so that `dev` proves `prod`. */
export interface StageConfig {
  readonly stage: string;
  /** Keep data when a stack is deleted, and refuse to delete it by accident. */
  readonly protect: boolean;
  readonly logRetentionDays: number;
  /** Web origins that may call the API from a browser (the admin's console). Phones need none. */
  readonly corsOrigins: readonly string[];
  /** Requests per second over all routes of the stage, and how many more may come in a burst. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Workers at a time: how many scopes are written in parallel (at least 2, an AWS limit). */
  readonly workerConcurrency: number;
  /** An existing SNS topic that alarms are sent to; without one they only show in CloudWatch. */
  readonly alarmTopicArn: string | undefined;
  /**
   * Name prefix of existing tables to use instead of the data stack's: after a point-in-time restore, which always
   * makes new tables (`<prefix>-scope_log`, …). Then raise the parameter `Epoch` in the same deployment.
   */
  readonly restoredTables: string | undefined;
  /**
   * ARNs of the streams that restored tables were given (`-c restoredStream=…`, `-c restoredDeviceStream=…`). Without the
   * log's nobody is poked and phones poll; without either its part of `usage` is not counted.
   */
  readonly restoredStreams: { readonly scopeLog: string | undefined; readonly clientSyncState: string | undefined };
  /** The admin's console, for stages that have one. */
  readonly console: ConsoleSettings | undefined;
}

export interface ConsoleSettings {
  /** Whose page admins sign in at; without it they paste a token. A public client: it has no secret. */
  readonly signIn: ConsoleSignIn | undefined;
  /** A name of one's own, with a certificate for it in us-east-1. */
  readonly domain: string | undefined;
  readonly certificateArn: string | undefined;
}

export interface ConsoleSignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly scope: string;
  /** Which of the issuer's tokens carries `role` and the API's audience. */
  readonly token: 'access_token' | 'id_token';
}

const ONE_MONTH = 30;
const ONE_YEAR = 365;

/** The stage that `-c stage=…` names (default `dev`), with its other `-c` settings. */
export function stageFromContext(node: Node): StageConfig {
  const stage = text(node, 'stage') ?? 'dev';
  if (!/^[a-z][a-z0-9]{1,15}$/.test(stage)) {
    throw new Error(`-c stage=${stage}: a stage is 2 to 16 lower-case letters and digits, such as dev or prod`);
  }
  const prod = stage === 'prod';
  return {
    stage,
    protect: prod,
    logRetentionDays: prod ? ONE_YEAR : ONE_MONTH,
    corsOrigins: origins(text(node, 'corsOrigins') ?? (prod ? '' : 'http://localhost:3000')),
    throttle: prod ? { rate: 500, burst: 1000 } : { rate: 50, burst: 100 },
    workerConcurrency: wholeNumber(node, 'workerConcurrency', 2, 1000) ?? (prod ? 50 : 5),
    alarmTopicArn: text(node, 'alarmTopicArn'),
    restoredTables: text(node, 'restoredTables'),
    restoredStreams: { scopeLog: text(node, 'restoredStream'), clientSyncState: text(node, 'restoredDeviceStream') },
    console: text(node, 'console') === 'true' ? consoleSettings(node) : undefined,
  };
}

function consoleSettings(node: Node): ConsoleSettings {
  const [domain, certificateArn] = [text(node, 'consoleDomain'), text(node, 'consoleCertificateArn')];
  if ((domain === undefined) !== (certificateArn === undefined)) throw new Error('-c consoleDomain and -c consoleCertificateArn belong together');
  return { signIn: consoleSignIn(node), domain, certificateArn };
}

function consoleSignIn(node: Node): ConsoleSignIn | undefined {
  const names = ['consoleIssuer', 'consoleClientId', 'consoleAuthorizeUrl', 'consoleTokenUrl'] as const;
  const [issuer, clientId, authorizeUrl, tokenUrl] = names.map((name) => text(node, name));
  if (issuer === undefined && clientId === undefined && authorizeUrl === undefined && tokenUrl === undefined) return undefined;
  if (issuer === undefined || clientId === undefined || authorizeUrl === undefined || tokenUrl === undefined) {
    throw new Error(`to sign in at the issuer the console needs all of ${names.map((name) => `-c ${name}`).join(', ')}`);
  }
  for (const [name, url] of [['consoleIssuer', issuer], ['consoleAuthorizeUrl', authorizeUrl], ['consoleTokenUrl', tokenUrl]] as const) {
    if (!url.startsWith('https://') || !URL.canParse(url)) throw new Error(`-c ${name}=${url}: expected an https URL`);
  }
  const token = text(node, 'consoleToken') ?? 'access_token';
  if (token !== 'access_token' && token !== 'id_token') throw new Error(`-c consoleToken=${token}: expected access_token or id_token`);
  return { issuer, clientId, authorizeUrl, tokenUrl, scope: text(node, 'consoleScope') ?? 'openid', token };
}

function text(node: Node, key: string): string | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw new Error(`-c ${key}: expected text`);
  return value;
}

function wholeNumber(node: Node, key: string, least: number, most: number): number | undefined {
  const value = text(node, key);
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Error(`-c ${key}=${value}: expected a whole number from ${least} to ${most}`);
  }
  return number;
}

/** `https://a.example,https://b.example` → a list. `*` is refused: tokens are sent by scripts of listed origins only. */
function origins(list: string): string[] {
  const found = list.split(',').map((origin) => origin.trim()).filter((origin) => origin !== '');
  for (const origin of found) {
    if (!/^https?:\/\/[^/*\s]+$/.test(origin)) {
      throw new Error(`-c corsOrigins: ${origin} is not an origin such as https://console.example.org`);
    }
  }
  return found;
}
