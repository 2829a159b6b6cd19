// @ts-check
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

// The inside of a worker thread that plays one Lambda execution environment: loads the bundle, answers invocations.
// Unlike Lambda's, it takes several at a time; like Lambda's, it dies of what nobody catches.
// Plain JavaScript: for Node to strip types in every thread anew takes longer than to load a bundle.

/** @import { ExitMessage, FreezeMessage, InvokeMessage, ReadyMessage, ResultMessage, ThreadData } from './messages.ts' */

/** @type {ThreadData} */
const data = workerData;
if (parentPort === null) throw new Error('this is no worker thread');
const port = parentPort;

/** @type {Record<string, unknown>} */
const bundle = createRequire(import.meta.url)(data.bundle);
const handler = bundle[data.exportName];
if (typeof handler !== 'function') throw new Error(`${data.bundle} exports no ${data.exportName}`);
port.postMessage(/** @satisfies {ReadyMessage} */ ({ kind: 'ready' }));

port.on('message', async (/** @type {InvokeMessage | FreezeMessage | ExitMessage} */ message) => {
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
  /** @type {ResultMessage} */
  let result;
  try {
    // As JSON, both ways: what JSON drops is dropped on AWS too.
    /** @type {unknown} */
    const payload = await handler(JSON.parse(event), context);
    result = { kind: 'result', id, payload: JSON.stringify(payload ?? null) };
  } catch (error) {
    console.error(error);
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    result = { kind: 'result', id, error: { errorType: name, errorMessage: message } };
  }
  port.postMessage(result);
});
