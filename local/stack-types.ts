import type { TableName } from '../src/runtime/env.ts';
import type { ChaosHooks } from './chaos/hooks.ts';
import type { StackResources } from './template/resources.ts';
import type { TokenClaims } from './token/local-issuer.ts';

export interface StackOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** For the database, the signing key, logs and builds. */
  readonly dataDir: string;
  /** Only other than 127.0.0.1 to let a phone in. */
  readonly host?: string;
  /** Keep the database in memory; the signing key is in `dataDir` anyway. */
  readonly inMemory?: boolean;
  /** What to show of the functions' logs; everything is in the log file. */
  readonly show?: 'nothing' | 'warnings' | 'all';
  /** Deploy parameters by name, such as `Epoch`, beside those that the stack knows itself. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Environment variables that replace those of the template in every function (a faulty database's endpoint, …). */
  readonly functionEnv?: Readonly<Record<string, string>>;
  /**
   * Refuse what a function's role in the template does not allow, as IAM would (default). It costs about a
   * millisecond per call to DynamoDB or SQS: benchmarks leave it out.
   */
  readonly checkAccess?: boolean;
  /** Visibility timeout of the queues instead of the template's, for tests that can't wait minutes. */
  readonly visibilitySeconds?: number;
  /** After so many receives a message goes to the dead letters, instead of the template's number. */
  readonly maxReceives?: number;
  /** Where trouble is made on purpose. */
  readonly chaos?: ChaosHooks;
}

export interface LocalStack {
  readonly url: string;
  /** The WebSocket. */
  readonly liveUrl: string;
  readonly port: number;
  readonly issuer: string;
  readonly audience: string;
  /** The database itself: calls from outside are not checked against any role. */
  readonly dynamoEndpoint: string;
  readonly sqsEndpoint: string;
  /** S3, with the checks of the real one. */
  readonly objectsEndpoint: string;
  readonly region: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly tableNames: Readonly<Record<TableName, string>>;
  readonly resources: StackResources;
  readonly logFile: string;
  /** Calls of functions that their roles in the template do not allow: each would fail when deployed. */
  readonly refusals: readonly string[];
  /** Resolves with a reason if a part of it ends by itself. */
  readonly lost: Promise<string>;
  /** Signs a token that this stack accepts. */
  token(claims: TokenClaims): Promise<string>;
  /** Invokes a function (`worker`, `admin-query`, …) directly and gives its result; throws if it fails. */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** Kills a function's thread with all that runs in it; the next invocation gets a new one. */
  crash(functionName: string): Promise<void>;
  /** Lets a function's thread stand still for so long, with all that runs in it; new invocations get another one. */
  freeze(functionName: string, ms: number): void;
  /** Cuts everybody who is connected to `/live`, as a network would. */
  cutConnections(): void;
  stop(): Promise<void>;
}
