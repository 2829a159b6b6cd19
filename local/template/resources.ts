export interface KeySchema {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

export interface TableResource {
  readonly TableName: string;
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' | 'B' }[];
  readonly KeySchema: readonly KeySchema[];
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly KeySchema: readonly KeySchema[];
    readonly Projection: { readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE' };
  }[];
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
  readonly StreamSpecification?: { readonly StreamViewType: 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' };
}

export interface QueueResource {
  readonly QueueName: string;
  readonly FifoQueue?: boolean;
  readonly VisibilityTimeout?: number;
  readonly MessageRetentionPeriod?: number;
  readonly DeduplicationScope?: string;
  readonly FifoThroughputLimit?: string;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

export interface FunctionResource {
  readonly arn: string;
  readonly name: string;
  /** The name without stage, as in `functions/<name>.ts`. */
  readonly shortName: string;
  /** Hash of the asset that holds its bundle. */
  readonly asset: string;
  readonly handler: string;
  readonly roleArn: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface RouteResource {
  readonly routeKey: string;
  readonly functionArn: string;
  /** After this the gateway gives up, whatever the function's own timeout is. */
  readonly timeoutMs: number;
}

export interface MappingResource {
  readonly queueArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly partialFailures: boolean;
  readonly maxConcurrency: number;
}

/** A table's stream that feeds a function. */
export interface StreamResource {
  readonly tableName: string;
  readonly streamArn: string;
  readonly functionArn: string;
  readonly batchSize: number;
  /** Event patterns, as JSON: a record passes that matches any; all pass if there are none. */
  readonly filters: readonly string[];
  readonly partialFailures: boolean;
  readonly bisects: boolean;
  /** Tries after the first. */
  readonly retries: number;
  /** Its events name the shard that their records are of, as those of a tumbling window do. */
  readonly namesShard: boolean;
}

/** The WebSocket API, and its one stage. */
export interface LiveResource {
  readonly apiId: string;
  readonly stage: string;
  readonly routes: readonly LiveRouteResource[];
}

export interface LiveRouteResource extends RouteResource {
  /** What the function answers is sent to the connection. */
  readonly returnsResponse: boolean;
}

export interface ScheduleResource {
  readonly functionArn: string;
  readonly everyMs: number;
  /** The event it is started with, if it is not EventBridge's own. */
  readonly input: string | undefined;
}

export interface BucketResource {
  readonly BucketName: string;
  readonly CorsConfiguration?: {
    readonly CorsRules: readonly {
      readonly AllowedOrigins: readonly string[];
      readonly AllowedMethods: readonly string[];
      readonly AllowedHeaders?: readonly string[];
    }[];
  };
}

/** Who is told of objects that come to a bucket, by the beginning of their keys. */
export interface ArrivalResource {
  readonly functionArn: string;
  readonly bucket: string;
  readonly prefix: string;
}

export interface CorsResource {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAge?: number;
}

/** Everything of the templates that runs here. */
export interface StackResources {
  readonly tables: readonly TableResource[];
  readonly queues: readonly QueueResource[];
  readonly functions: readonly FunctionResource[];
  readonly routes: readonly RouteResource[];
  readonly live: LiveResource;
  readonly mappings: readonly MappingResource[];
  readonly streams: readonly StreamResource[];
  readonly schedules: readonly ScheduleResource[];
  readonly buckets: readonly BucketResource[];
  readonly arrivals: readonly ArrivalResource[];
  readonly cors: CorsResource;
}
