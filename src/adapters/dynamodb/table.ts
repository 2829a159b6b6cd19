import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand, DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, ScanCommand, UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { Trouble } from '../../service/errors.ts';

/** A stored item. What it holds is only known by who wrote it. */
export type Item = Record<string, unknown>;

/** A piece of expression with all that it refers to: `#name` an attribute, `:name` a value. */
export type Expression = { text: string; names: Record<string, string>; values?: Item };

export type Query = {
  index?: string;
  /** What the keys must be. */
  where: Expression;
  strong?: boolean;
  /** From the highest sort key to the lowest. */
  backwards?: boolean;
  limit?: number;
  from?: Item;
};

export type Page = { items: Item[]; next?: Item };

const BATCH = 100;
const AT_ONCE = 8;
const ROUNDS = 6;

/** One table: what all the stores do with theirs. Reads of items are strong unless asked otherwise. */
export class DynamoTable {
  readonly name: string;
  readonly doc: DynamoDBDocumentClient;
  readonly #pause: (attempt: number) => Promise<void>;

  /** `pause`: waits before it asks again for keys that a batch get left out. */
  constructor(doc: DynamoDBDocumentClient, name: string, pause: (attempt: number) => Promise<void>) {
    this.doc = doc;
    this.name = name;
    this.#pause = pause;
  }

  async get(key: Item, { strong } = { strong: true }): Promise<Item | undefined> {
    const { Item } = await this.doc.send(new GetCommand({ TableName: this.name, Key: key, ConsistentRead: strong }));
    return Item;
  }

  /** Items that exist, in no order. */
  async getAll(keys: readonly Item[], options = { strong: true }): Promise<Item[]> {
    const distinct = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
    const [only, ...others] = distinct;
    if (only === undefined) return [];
    if (others.length === 0) return this.get(only, options).then((item) => (item ? [item] : []));
    const parts: Item[][] = [];
    for (let i = 0; i < distinct.length; i += BATCH) parts.push(distinct.slice(i, i + BATCH));
    const items: Item[] = [];
    // Who waits for a connection times out there.
    for (let i = 0; i < parts.length; i += AT_ONCE) {
      items.push(...(await Promise.all(parts.slice(i, i + AT_ONCE).map((part) => this.#getPart(part, options)))).flat());
    }
    return items;
  }

  async #getPart(keys: Item[], { strong }: { strong: boolean }): Promise<Item[]> {
    const items: Item[] = [];
    let stalled = 0;
    for (let left = keys; left.length > 0; ) {
      const answer = await this.doc.send(
        new BatchGetCommand({ RequestItems: { [this.name]: { Keys: left, ConsistentRead: strong } } }),
      );
      items.push(...(answer.Responses?.[this.name] ?? []));
      const next: Item[] = answer.UnprocessedKeys?.[this.name]?.Keys ?? [];
      // What comes in parts because it is large makes progress: that is no reason to give up.
      stalled = next.length < left.length ? 0 : stalled + 1;
      if (stalled === ROUNDS) throw new Trouble('DynamoDB BatchGetItem: keys left unprocessed', undefined);
      if (next.length > 0) await this.#pause(stalled);
      left = next;
    }
    return items;
  }

  /** Puts the item; with a condition, says whether it held. */
  async put(item: Item, condition?: Expression): Promise<boolean> {
    return unlessRefused(
      this.doc.send(
        new PutCommand({ TableName: this.name, Item: item, ...(condition ? { ConditionExpression: condition.text, ...refersTo(condition) } : {}) }),
      ),
    );
  }

  /** Changes the item, or makes one; with a condition, nothing if that did not hold. Gives the item as it then is. */
  async update(key: Item, change: Expression, condition?: Expression): Promise<Item | undefined> {
    let after: Item = {};
    const done = await unlessRefused(
      this.doc
        .send(
          new UpdateCommand({
            TableName: this.name,
            Key: key,
            UpdateExpression: change.text,
            ...(condition ? { ConditionExpression: condition.text } : {}),
            ...refersTo(change, condition),
            ReturnValues: 'ALL_NEW',
          }),
        )
        .then(({ Attributes }) => {
          after = Attributes ?? {};
        }),
    );
    return done ? after : undefined;
  }

  /** Deletes the item; with a condition, says whether it held. */
  async delete(key: Item, condition?: Expression): Promise<boolean> {
    return unlessRefused(
      this.doc.send(
        new DeleteCommand({ TableName: this.name, Key: key, ...(condition ? { ConditionExpression: condition.text, ...refersTo(condition) } : {}) }),
      ),
    );
  }

  /** One read: at most `limit` items and 1 MB. `next`: where to go on, if there may be more. */
  async query(q: Query): Promise<Page> {
    const { Items, LastEvaluatedKey } = await this.doc.send(
      new QueryCommand({
        TableName: this.name,
        KeyConditionExpression: q.where.text,
        ...(q.index === undefined ? {} : { IndexName: q.index }),
        ...refersTo(q.where),
        ConsistentRead: q.strong ?? false,
        ...(q.backwards ? { ScanIndexForward: false } : {}),
        ...(q.limit === undefined ? {} : { Limit: q.limit }),
        ...(q.from ? { ExclusiveStartKey: q.from } : {}),
      }),
    );
    return { items: Items ?? [], ...(LastEvaluatedKey ? { next: LastEvaluatedKey } : {}) };
  }

  /** As many reads as it takes. */
  async queryAll(q: Query): Promise<Item[]> {
    const all: Item[] = [];
    for (let from = q.from; ; ) {
      const { items, next } = await this.query(from ? { ...q, from } : q);
      all.push(...items);
      if (!next) return all;
      from = next;
    }
  }

  /** One read through the whole table, of which only what passes the filter is given. Not strong. */
  async scan(filter: Expression | undefined, options: { limit?: number; from?: Item | undefined; only?: Expression }): Promise<Page> {
    const { only } = options;
    const { Items, LastEvaluatedKey } = await this.doc.send(
      new ScanCommand({
        TableName: this.name,
        ...(filter ? { FilterExpression: filter.text } : {}),
        ...(only ? { ProjectionExpression: only.text } : {}),
        ...refersTo(filter, only),
        ...(options.limit === undefined ? {} : { Limit: options.limit }),
        ...(options.from ? { ExclusiveStartKey: options.from } : {}),
      }),
    );
    return { items: Items ?? [], ...(LastEvaluatedKey ? { next: LastEvaluatedKey } : {}) };
  }
}

/** False: the condition did not hold. */
async function unlessRefused(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

function refersTo(...expressions: (Expression | undefined)[]): { ExpressionAttributeNames: Record<string, string>; ExpressionAttributeValues?: Item } {
  const names = Object.assign({}, ...expressions.map((e) => e?.names)) as Record<string, string>;
  const values = Object.assign({}, ...expressions.map((e) => e?.values)) as Item;
  return {
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
  };
}
