import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType, Billing, ProjectionType, StreamViewType, TableEncryptionV2, TableV2, type ITable, type TablePropsV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { TABLE_ENV, TABLE_KEYS, type TableName } from '../src/runtime/env.ts';
import type { Access, TableAction } from './access.ts';
import type { StageConfig } from './stage.ts';

/** A table's last name, for ops as for the mission: `clientSyncState` → `client_sync_state`. */
export function physicalTableName(table: TableName): string {
  return TABLE_ENV[table].replace(/^TABLE_/, '').toLowerCase();
}

/** Tables whose loss would be one: all but the list of who is connected now. */
export type StoredTable = Exclude<TableName, 'connections'>;

/** The ones of this deployment, or restored ones. */
export type Tables = { readonly [T in StoredTable]: ITable };

/** All that a function can be given. */
export type AllTables = Tables & { readonly connections: ITable };

/** What of a table's changes is told to those who follow it. */
const STREAMS = {
  /** For pokes and counts, which need to know of no more than the key: images would make every record as large as a commit. */
  scopeLog: StreamViewType.KEYS_ONLY,
  /** For counts: what a device did since is the difference. */
  clientSyncState: StreamViewType.NEW_AND_OLD_IMAGES,
} as const satisfies { [T in StoredTable]?: StreamViewType };

export type FollowedTable = keyof typeof STREAMS;

function isFollowed(name: StoredTable): name is FollowedTable {
  return name in STREAMS;
}

/** The tables, all alike: on demand, recoverable to any second of 35 days, encrypted, and hard to lose. */
export class SyncTables extends Construct {
  readonly tables: Tables;

  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    this.tables = everyTable((name) => this.#table(name, config));
  }

  #table(name: StoredTable, config: StageConfig): TableV2 {
    const keys: KeyLayout = TABLE_KEYS[name];
    const table = new TableV2(this, name, {
      ...common(name, config),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      deletionProtection: config.protect,
      removalPolicy: config.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(isFollowed(name) && { dynamoStream: STREAMS[name] }),
      ...(keys.index !== undefined && {
        globalSecondaryIndexes: [{
          indexName: keys.index.name,
          partitionKey: attribute(keys.index.partition),
          sortKey: attribute(keys.index.sort),
          projectionType: ProjectionType.KEYS_ONLY,
        }],
      }),
    });
    new CfnOutput(this, `${name}Name`, { value: table.tableName });
    return table;
  }
}

/** Who is connected now: nothing in it is worth a backup, or lives longer than a few hours. */
export function connectionsTable(scope: Construct, config: StageConfig): ITable {
  return new TableV2(scope, 'Connections', { ...common('connections', config), removalPolicy: RemovalPolicy.DESTROY });
}

function common(name: TableName, config: StageConfig): TablePropsV2 {
  const keys: KeyLayout = TABLE_KEYS[name];
  return {
    tableName: `fieldsync-${config.stage}-${physicalTableName(name)}`,
    partitionKey: attribute(keys.partition),
    ...(keys.sort !== undefined && { sortKey: attribute(keys.sort) }),
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    ...(keys.ttl !== undefined && { timeToLiveAttribute: keys.ttl }),
  };
}

/** Tables that a restore made, under `<prefix>-<name>`; nothing is created. `streams`: of those that were given one. */
export function restoredTables(scope: Construct, prefix: string, streams: StageConfig['restoredStreams']): Tables {
  return everyTable((name) => {
    const tableName = `${prefix}-${physicalTableName(name)}`;
    const stream = isFollowed(name) ? streams[name] : undefined;
    return TableV2.fromTableAttributes(scope, `restored-${name}`, {
      tableName,
      ...(stream !== undefined && { tableStreamArn: stream }),
    });
  });
}

function everyTable(make: (name: StoredTable) => ITable): Tables {
  return {
    clientSyncState: make('clientSyncState'),
    syncConflicts: make('syncConflicts'),
    offlineActionsLog: make('offlineActionsLog'),
    scopeLog: make('scopeLog'),
    entities: make('entities'),
    uploadInbox: make('uploadInbox'),
    attachments: make('attachments'),
    usage: make('usage'),
  };
}

/** Gives `fn` exactly these actions on exactly these tables, and their names. */
export function grantTables(fn: LambdaFunction, tables: AllTables, access: Access['tables']): void {
  for (const [name, actions] of Object.entries(access) as [TableName, readonly TableAction[]][]) {
    const table = tables[name];
    fn.addEnvironment(TABLE_ENV[name], table.tableName);
    const onTable = actions.filter((action) => action !== 'QueryIndex').map((action) => `dynamodb:${action}`);
    if (onTable.length > 0) {
      fn.addToRolePolicy(new PolicyStatement({ actions: onTable, resources: [table.tableArn] }));
    }
    if (actions.includes('QueryIndex')) {
      fn.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:Query'], resources: [indexArn(name, table)] }));
    }
  }
}

function indexArn(name: TableName, table: ITable): string {
  const index = (TABLE_KEYS[name] as KeyLayout).index;
  if (index === undefined) throw new Error(`access.ts asks for an index of ${name}, which has none`);
  return `${table.tableArn}/index/${index.name}`;
}

interface KeyPart {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** `TABLE_KEYS[name]` with the parts that not every table has. */
interface KeyLayout {
  readonly partition: KeyPart;
  readonly sort?: KeyPart;
  readonly ttl?: string;
  readonly index?: { readonly name: string; readonly partition: KeyPart; readonly sort: KeyPart };
}

function attribute(part: KeyPart): { name: string; type: AttributeType } {
  return { name: part.name, type: part.type === 'N' ? AttributeType.NUMBER : AttributeType.STRING };
}
