import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ExitMessage, FreezeMessage, InvokeMessage, ReadyMessage, ResultMessage, ThreadData } from './messages.ts';

// The inside of a worker thread that plays one Lambda execution environment: loads the bundle, answers invocations.
// Unlike Lambda's, it takes several at a time; like Lambda's, it dies of what nobody catches.

type Handler = (event: unknown, context: unknown) => unknown;

const data = workerData as ThreadData;
const port = parentPort!;

const bundle = createRequire(data.bundle)(data.bundle) as Record<string, unknown>;
const handler = bundle[data.exportName];
if (typeof handler !== 'function') throw new Error(`${data.bundle} exports no ${data.exportName}`);
port.postMessage({ kind: 'ready' } satisfies ReadyMessage);

port.on('message', async (message: InvokeMessage | FreezeMessage | ExitMessage) => {
  if ('exit' in message) process.exit();
  if ('freezeMs' in message) {
    // As a frozen environment: no timer and no answer is heard before it goes on.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, message.freezeMs);
    return;
  }
  const { id, event, deadlineMs } = message;
  const context = {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: id,
    logGroupName: '/local',
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
  let result: ResultMessage;
  try {
    // As JSON, both ways: what JSON drops is dropped on AWS too.
    const payload: unknown = await (handler as Handler)(JSON.parse(event), context);
    result = { kind: 'result', id, payload: JSON.stringify(payload ?? null) };
  } catch (error) {
    console.error(error);
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    result = { kind: 'result', id, error: { errorType: name, errorMessage: message } };
  }
  port.postMessage(result);
});
