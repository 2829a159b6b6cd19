import { Trouble } from '../service/errors.ts';

/** Refusals of what we sent: a later try sends the same. All else that a service refuses is an outage, ours or theirs. */
const OUR_FAULT = new Set([
  'ConditionalCheckFailedException',
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
  'BatchEntryIdsNotDistinct',
  'BatchRequestTooLong',
  'EmptyBatchRequest',
  'InvalidAttributeValue',
  'InvalidBatchEntryId',
  'InvalidMessageContents',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'MessageNotInflight',
  'MissingParameter',
  'ReceiptHandleIsInvalid',
  'TooManyEntriesInBatchRequest',
  'UnsupportedOperation',
]);

/** Errors of the SDK itself that a later try may cure. */
const NO_ANSWER = new Set(['TimeoutError', 'AbortError', 'CredentialsProviderError', 'ProviderError', 'TokenProviderError']);

/** Of Node's network and TLS. */
const NETWORK_CODE = /^(E[A-Z]+|EAI_[A-Z]+|ERR_SSL_[A-Z_]+|ERR_TLS_[A-Z_]+|ERR_STREAM_[A-Z_]+|CERT_[A-Z_]+|HPE_[A-Z_]+)$/;

/**
 * What to throw for an error of an AWS client: `Trouble` for throttling, 5xx, timeouts, the network, credentials, and
 * missing rights or tables (an outage of the deployment must not make a batch look like poison); else the error itself.
 */
export function troubleOf(operation: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Trouble) return error;
  return isTrouble(error) ? new Trouble(`${operation}: ${error.name}`, error) : error;
}

/** Does the code refuse what we sent? Such an answer stays the same, however often it is asked for. */
export function isOurFault(code: string): boolean {
  return OUR_FAULT.has(withoutPrefix(code));
}

/** The name of an error, without the prefix that some protocols give it. */
export function errorCode(error: unknown): string {
  return error instanceof Error ? withoutPrefix(error.name) : '';
}

function withoutPrefix(code: string): string {
  return code.slice(code.lastIndexOf('.') + 1);
}

function isTrouble(error: Error): boolean {
  if ('$fault' in error) return !isOurFault(error.name) || serverFailed(error);
  if (NO_ANSWER.has(error.name)) return true;
  if ('code' in error && typeof error.code === 'string' && NETWORK_CODE.test(error.code)) return true;
  // There was an answer, but not one of the service: cut off, or of something in between.
  return '$response' in error || '$metadata' in error;
}

function serverFailed(error: Error): boolean {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status = metadata !== null && typeof metadata === 'object' && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  return typeof status === 'number' && status >= 500;
}
