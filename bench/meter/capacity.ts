type JsonObject = Readonly<Record<string, unknown>>;
type Capacity = { readonly CapacityUnits?: number };

/** Request units of one call to DynamoDB. */
export type CallUnits = { readonly read: number; readonly write: number };

/**
 * A read that finds nothing costs what the smallest item costs (AWS developer guide, "Capacity unit consumption for
 * read operations"): a GetItem, each absent key of a BatchGetItem, and a Query without items.
 */
const NOTHING_STRONG = 1;
const NOTHING_WEAK = 0.5;
/** A write that its condition refuses is not free either (the same page). At least this; our rows are small. */
const REFUSED_WRITE = 1;

const READS = /^(Get|BatchGet|Query|Scan)/;

/**
 * What a call costs on AWS, from what was asked and answered. `answered` has `ConsumedCapacity`. DynamoDB Local counts
 * nothing for absent keys of a BatchGetItem, for a Query that finds nothing, and for refused writes: added here.
 */
export function unitsOf(operation: string, asked: JsonObject, answered: JsonObject): CallUnits {
  const consumed = [(answered['ConsumedCapacity'] ?? []) as Capacity | Capacity[]].flat()
    .reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
  if (!READS.test(operation)) return { read: 0, write: isRefused(answered) ? REFUSED_WRITE : consumed };
  if (operation.startsWith('BatchGet')) return { read: consumed + absentUnits(asked, answered), write: 0 };
  const nothing = asked['ConsistentRead'] === true ? NOTHING_STRONG : NOTHING_WEAK;
  return { read: Math.max(consumed, nothing), write: 0 };
}

type TableRequest = { readonly Keys?: readonly unknown[]; readonly ConsistentRead?: boolean };

function absentUnits(asked: JsonObject, answered: JsonObject): number {
  const found = (answered['Responses'] ?? {}) as Readonly<Record<string, readonly unknown[]>>;
  const left = (answered['UnprocessedKeys'] ?? {}) as Readonly<Record<string, TableRequest>>;
  const tables = Object.entries((asked['RequestItems'] ?? {}) as Readonly<Record<string, TableRequest>>);
  return tables.reduce((sum, [table, { Keys = [], ConsistentRead }]) => {
    const absent = Keys.length - (found[table]?.length ?? 0) - (left[table]?.Keys?.length ?? 0);
    return sum + absent * (ConsistentRead === true ? NOTHING_STRONG : NOTHING_WEAK);
  }, 0);
}

function isRefused(answered: JsonObject): boolean {
  return String(answered['__type'] ?? '').endsWith('ConditionalCheckFailedException');
}
