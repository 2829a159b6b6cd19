import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { faultFields } from '../service/fault-fields.ts';
import type { InvocationReport } from '../service/ports/report.ts';

type Invocation = { awsRequestId: string; getRemainingTimeInMillis: () => number };

/** Works off keys; says for which of them that could not be done. */
type Consume<Deps> = (deps: Deps, partitions: string[], remainingMs: () => number) => Promise<{ failed: readonly string[] }>;

/**
 * A function that a table's stream feeds, of whose records only the partition key is read. It never throws: the stream
 * goes on, or comes again from the first record that could not be worked.
 */
export function streamHandler<Deps>(
  { report, deps }: { report: InvocationReport; deps: () => Deps },
  partitionKey: string,
  consume: Consume<Deps>,
): (event: { Records: DynamoDBRecord[] }, invocation: Invocation) => Promise<DynamoDBBatchResponse> {
  return async ({ Records }, invocation) => {
    report.begin(invocation.awsRequestId);
    const places = Records.map(({ dynamodb }) => ({ partition: dynamodb?.Keys?.[partitionKey]?.S, number: dynamodb?.SequenceNumber ?? '' }));
    let failed: readonly string[] | undefined;
    try {
      const partitions = places.flatMap(({ partition }) => partition ?? []);
      ({ failed } = await consume(deps(), partitions, () => invocation.getRemainingTimeInMillis()));
    } catch (error) {
      report.alarm('consumer_failed', faultFields(error));
    }
    const again = places.filter(({ partition }) => failed === undefined || failed.includes(partition ?? ''));
    report.info('records', { messages: Records.length, failed: again.length });
    report.end();
    return { batchItemFailures: again.map(({ number }) => ({ itemIdentifier: number })) };
  };
}
