/** What the files below a folder may import. Whatever is not named is an error. */
export type ImportRule = {
  /** Begins the path of the files it holds for; the longest one that fits counts. A path that ends in `.ts` is one file. */
  readonly folder: string;
  /** Prefixes of project paths, besides its own folder. `*` stands for everything. */
  readonly files?: readonly string[];
  /** The same, for `import type` only. */
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** For `import type` only: packages that are types and nothing else. */
  readonly typePackages?: readonly string[];
  /** Node's own modules. */
  readonly node?: true;
  /** No clock, no randomness, no surroundings: the same input always gives the same output. */
  readonly pure?: true;
};

const LAMBDA_TYPES = ['aws-lambda'];

/** What the promises of the ports are worded in: keys, the head of a log, views, sizes. */
const PORT_WORDS = ['keys', 'cursor', 'views', 'value'].map((name) => `src/engine/${name}.ts`);

/** What adapters share: how clients of AWS try, and what their errors mean. */
const SHARED = ['src/adapters/aws-client.ts', 'src/adapters/trouble.ts'];

/** An adapter knows its port and its SDK, and never another adapter. */
function adapter(name: string, packages: readonly string[] = []): ImportRule {
  return {
    folder: `src/adapters/${name}/`,
    files: ['src/protocol/', 'src/service/ports.ts', 'src/service/ports/', 'src/service/errors.ts', ...SHARED, ...PORT_WORDS],
    types: ['src/engine/'],
    packages,
    node: true,
  };
}

/** What the phone's side has adapters for. */
const CLIENT_LIBRARIES = ['rxdb', '@nozbe/watermelondb', '@tanstack/db'];

/** The architecture, as far as imports show it (docs/design.md). Nothing but tests imports tests. */
export const IMPORT_RULES: readonly ImportRule[] = [
  { folder: 'src/protocol/', packages: ['zod'], pure: true },
  { folder: 'src/engine/', files: ['src/protocol/'], pure: true },
  { folder: 'src/domain/', files: ['src/protocol/', 'src/engine/'], pure: true },
  { folder: 'src/service/', files: ['src/protocol/', 'src/engine/', 'src/domain/'], pure: true },
  { folder: 'src/service/ports/', types: ['src/engine/'], pure: true },
  { folder: 'src/adapters/', files: ['src/service/errors.ts'] },
  adapter('dynamodb', ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb']),
  adapter('sqs', ['@aws-sdk/client-sqs']),
  adapter('apigateway', ['@aws-sdk/client-apigatewaymanagementapi']),
  adapter('s3', ['@smithy/signature-v4']),
  adapter('jwt', ['jose']),
  adapter('diff3', ['node-diff3']),
  adapter('memory'),
  adapter('system'),
  { folder: 'src/http/', files: ['src/protocol/', 'src/service/'], typePackages: [...LAMBDA_TYPES, 'zod'], node: true },
  // For the build and for tests: no function carries the generator.
  { folder: 'src/openapi/', files: ['src/protocol/', 'src/engine/', 'src/domain/', 'src/http/routes.ts'], packages: ['zod'], pure: true },
  {
    folder: 'src/runtime/',
    files: ['src/service/', 'src/adapters/', 'src/domain/'],
    packages: ['@aws-lambda-powertools/logger'],
    typePackages: LAMBDA_TYPES,
  },
  { folder: 'src/runtime/env.ts' },
  // Keeps invocations apart that run at a time.
  { folder: 'src/runtime/report.ts', files: ['src/service/', 'src/runtime/'], packages: ['@aws-lambda-powertools/logger'], node: true },
  { folder: 'functions/', files: ['src/http/', 'src/runtime/'] },
  { folder: 'lib/', files: ['src/runtime/env.ts'], packages: ['aws-cdk-lib', 'constructs'], node: true },
  { folder: 'bin/', files: ['lib/', 'tools/'], packages: ['aws-cdk-lib', 'cdk-nag'] },
  { folder: 'client/', files: ['src/protocol/', 'src/engine/'] },
  {
    folder: 'client/adapters/',
    files: ['client/src/', 'src/engine/'],
    // Types only: the libraries are the app's own.
    typePackages: CLIENT_LIBRARIES,
  },
  { folder: 'examples/', packages: ['@fieldsync/client', 'expo-sqlite', 'expo-crypto', 'expo-network', ...CLIENT_LIBRARIES], node: true },
  // Of the server only the contract: all else it learns over HTTP, as any client does.
  {
    folder: 'console/',
    files: ['src/protocol/'],
    packages: ['preact', '@preact/signals', 'node-diff3', 'oauth4webapi', 'zod'],
  },
  { folder: 'local/', files: ['src/', 'lib/', 'tools/'], packages: ['*'], node: true },
  { folder: 'bench/', files: ['src/', 'lib/', 'local/', 'tools/', 'client/', 'functions/'], packages: ['*'], node: true },
  { folder: 'tools/', files: ['src/', 'lib/console-headers.ts'], packages: ['*'], node: true },
  // Signs tokens as `npm run token` does.
  { folder: 'tools/admin/', files: ['tools/', 'src/', 'local/settings.ts', 'local/token/'], packages: ['*'], node: true },
  { folder: 'test/', files: ['*'], packages: ['*'], node: true },
  { folder: 'vitest.config.ts', packages: ['vitest'], node: true },
];
