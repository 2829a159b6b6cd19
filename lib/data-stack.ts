import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfig } from './stage.ts';
import { PhotoBucket } from './photo-bucket.ts';
import { SyncTables, type Tables } from './sync-tables.ts';

/** All that must survive: tables and photos. Nothing else is in here, so a service deployment can't touch them. */
export class DataStack extends Stack {
  readonly tables: Tables;

  constructor(scope: Construct, id: string, config: StageConfig, props: StackProps = {}) {
    super(scope, id, {
      description: `Fieldsync (${config.stage}): data`,
      terminationProtection: config.protect,
      ...props,
    });
    this.tables = new SyncTables(this, 'Tables', config).tables;
    new PhotoBucket(this, 'Photos', config);
  }
}
