import type { ReplicationOptions, RxCollection, RxJsonSchema, WithDeleted } from 'rxdb';
import { contentId } from '../src/content-id.ts';
import { Direct, type DirectOptions, type DirectResult, type Verdict } from '../src/direct.ts';
import { actionFor, typeNamed, typeOfCollection, type PhoneDomain } from '../src/domain.ts';
import type { DownloadPage, Json, JsonObject, WireAction, WireRecord } from '../src/wire.ts';
import { sameJson } from '../../src/engine/value.ts';

// RxDB has its own store, queue and live queries; this is the way to Fieldsync for one collection. What it can't express:
// operators (a counter is sent as the value it came to), the order of edits (it sends a document's last state, as one
// action), and conflicts as questions: it takes the server's side, and `onVerdict` tells the app what lost, to ask with
// `GET /sync/conflicts`. Documents with one entity_id in different homes are one document here: the user's own.

/** A document: a record as downloaded (protocol.md), with `entity_id` as primary key. The app writes the type's fields. */
export type Doc = { entity_id: string } & Record<string, unknown>;

export type RxDbOptions = DirectOptions & {
  domain: PhoneDomain;
  type: string;
  /** Hears of every action that was refused, lost an overlap, or is kept by the server for an admin. */
  onVerdict?: (verdict: Verdict) => void;
  /** Settles overlaps without asking. */
  strategy?: WireAction['conflict_strategy'];
};

type Row = { assumedMasterState?: WithDeleted<Doc>; newDocumentState: WithDeleted<Doc> };

export type Checkpoint = { cursor: string };

/** A schema with what every record has; `fields` are the JSON schemas of the type's own. None may be required. */
export function fieldsyncSchema(title: string, fields: Record<string, object>): RxJsonSchema<Doc> {
  const text = { type: 'string' };
  const properties = {
    entity_id: { type: 'string', maxLength: 64 },
    id: { type: 'number' },
    type: text,
    version: { type: 'number' },
    scope: text,
    home: text,
    created_at: text,
    updated_at: text,
    created_by: text,
    updated_by: text,
    ...fields,
  };
  return { title, version: 0, primaryKey: 'entity_id', type: 'object', properties } as RxJsonSchema<Doc>;
}

/** Options for `replicateRxCollection`. Give each collection a `deviceId` of its own, and call `reSync()` after a poke. */
export function fieldsyncReplication(collection: RxCollection<Doc>, options: RxDbOptions): ReplicationOptions<Doc, Checkpoint> {
  const direct = new Direct(options);
  const { domain, type, onVerdict = () => {} } = options;
  /** What the server has and has not decided: asked for, not sent again. */
  const undecided = new Map<string, 'queued' | 'failed'>();

  /** RxDB forgets the checkpoint of a pull without documents. */
  let emptyAt: string | undefined;

  /** Documents that came from the server: of one scope, or all. */
  async function held(scope?: string): Promise<string[]> {
    const docs = await collection.find().exec();
    const isMeant = (of: unknown) => (scope === undefined ? of !== undefined : of === scope);
    return docs.filter((doc) => isMeant(doc.get('scope'))).map((doc) => doc.primary);
  }

  async function scopeOf(entityId: string): Promise<unknown> {
    return (await collection.findOne(entityId).exec())?.get('scope');
  }

  async function pull(checkpoint: Checkpoint | undefined, batchSize: number) {
    const documents = new Map<string, WithDeleted<Doc>>();
    let cursor = checkpoint?.cursor ?? emptyAt;
    let more = true;
    const first = cursor === undefined;
    // After a reset the snapshot is needed whole, to know what is no longer in it.
    const fresh = new Set<string>();
    let forgotten = false;
    while (more && (documents.size < batchSize || fresh.size > 0)) {
      const page = await direct.page({ cursor }, [type], batchSize);
      for (const { scope, reason } of page.reset) {
        fresh.add(scope);
        forgotten ||= reason === 'unknown';
        if (reason === 'revoked') for (const id of await held(scope)) documents.set(id, gone(id));
      }
      await take(page, documents);
      ({ cursor, has_more: more } = page);
    }
    for (const scope of forgotten ? [undefined] : fresh) {
      for (const id of await held(scope)) if (!documents.has(id)) documents.set(id, gone(id));
    }
    if (first && !more) await forgetDeleted(documents);
    emptyAt = documents.size === 0 ? cursor : undefined;
    return { documents: [...documents.values()], checkpoint: { cursor: cursor ?? '' } };
  }

  /** A first download does not speak of what is deleted, and this device may hold what it made itself before it. */
  async function forgetDeleted(documents: Map<string, WithDeleted<Doc>>): Promise<void> {
    for (const { primary } of await collection.find().exec()) {
      if (!documents.has(primary) && (await direct.record(type, primary)) === 'deleted') documents.set(primary, gone(primary));
    }
  }

  async function take(page: DownloadPage, documents: Map<string, WithDeleted<Doc>>): Promise<void> {
    for (const record of Object.values(page.data).flat()) {
      const known = documents.get(record.entity_id);
      const isBetter = !known || known._deleted || Number(known['version']) < record.version || record.scope === record.home;
      if (isBetter) documents.set(record.entity_id, { ...record, _deleted: false });
    }
    for (const [name, items] of Object.entries(page.deleted)) {
      if (typeOfCollection(domain, name) !== type) continue;
      for (const { entity_id, scope, reason } of items) {
        // Another scope may still show what left this one.
        const shownBy = documents.get(entity_id)?.['scope'] ?? (await scopeOf(entity_id));
        if (reason === 'deleted' || shownBy === scope) documents.set(entity_id, gone(entity_id));
      }
    }
  }

  /**
   * New documents as they were sent, with version and home once these are known. An edit of one that RxDB does not yet know
   * to be there is based on this: on the values that its user saw, without what the server added.
   */
  const begun = new Map<string, WithDeleted<Doc>>();

  function actionsOf({ assumedMasterState, newDocumentState }: Row): WireAction[] {
    const { entity_id: id } = newDocumentState;
    if (assumedMasterState) begun.delete(id);
    const earlier = begun.get(id);
    if (!assumedMasterState && !earlier) begun.set(id, newDocumentState);
    const isUnanswered = earlier && earlier['version'] === undefined;
    const steps = [isUnanswered && actionOf(options, undefined, earlier), actionOf(options, earlier ?? assumedMasterState, newDocumentState)];
    return steps.filter((action) => typeof action === 'object');
  }

  async function push(rows: Row[]): Promise<WithDeleted<Doc>[]> {
    const all = rows.flatMap((row) => actionsOf(row).map((action) => ({ id: row.newDocumentState.entity_id, action })));
    const known = all.filter(({ action }) => undecided.has(action.client_id)).map(({ action }) => action.client_id);
    const results = await direct.outcomes(known);
    const unsent = all.filter(({ action }) => (results.get(action.client_id)?.status ?? 'unknown') === 'unknown');
    for (const [id, result] of await direct.send(unsent.map(({ action }) => action))) results.set(id, result);

    const masters = new Map<string, WithDeleted<Doc>>();
    let waits = false;
    for (const { id, action } of all) {
      const result = results.get(action.client_id);
      if (!result || result.status === 'queued' || result.status === 'failed') {
        waits = true;
        if (result?.status === 'failed' && undecided.get(action.client_id) !== 'failed') onVerdict({ action, result });
        if (result) undecided.set(action.client_id, result.status === 'failed' ? 'failed' : 'queued');
        continue;
      }
      undecided.delete(action.client_id);
      const isGood = result.status === 'success';
      if (!isGood) onVerdict({ action, result });
      if (isGood && action.data === undefined) continue;
      // Of a success too: a pull may have brought this state, or a newer one of others, while RxDB held the change to be
      // unsent. It passes over such documents, and the server does not send them again.
      const known = await master(id, result);
      masters.set(id, known);
      const asSent = begun.get(id);
      if (asSent && isGood) begun.set(id, { ...asSent, version: known['version'], home: known['home'] });
      else begun.delete(id);
    }
    // RxDB sends the same rows again later; what is decided by then answers the same.
    if (waits) throw new Error('The server has not decided all changes yet.');
    return [...masters.values()];
  }

  async function master(entityId: string, { record }: DirectResult): Promise<WithDeleted<Doc>> {
    const current = record ?? (await direct.record(type, entityId));
    return typeof current === 'object' ? { ...current, _deleted: false } : gone(entityId);
  }

  return {
    replicationIdentifier: `fieldsync ${options.baseUrl} ${type} ${options.deviceId}`,
    collection,
    pull: { handler: pull, batchSize: 200 },
    push: { handler: push, batchSize: 50 },
  };
}

function gone(entityId: string): WithDeleted<Doc> {
  return { entity_id: entityId, _deleted: true };
}

/** What makes the document's new state out of the one that the server was thought to have; nothing: nothing changed. */
function actionOf(
  { domain, type, strategy }: RxDbOptions,
  before: WithDeleted<Doc> | undefined,
  after: WithDeleted<Doc>,
): WireAction | undefined {
  const spec = typeNamed(domain, type);
  const known = before && !before._deleted ? before : undefined;
  if (!known && after._deleted) return undefined;
  const op = after._deleted ? 'delete' : known ? 'update' : 'create';
  const data: JsonObject = {};
  const base: JsonObject = {};
  for (const field of op === 'delete' ? [] : Object.keys(spec.fields)) {
    const value = (after[field] ?? null) as Json;
    const old = (known?.[field] ?? null) as Json;
    if (sameJson(value, old)) continue;
    data[field] = value;
    if (known) base[field] = old;
  }
  if (op === 'update' && Object.keys(data).length === 0) return undefined;
  const version = known?.['version'] as WireRecord['version'] | undefined;
  const home = known?.['home'] as string | undefined;
  const ops = op === 'delete' ? (['delete'] as const) : spec.singletonId === undefined ? ([op] as const) : (['upsert'] as const);
  return {
    client_id: contentId(op, type, after.entity_id, data, version ?? null, base),
    action_type: actionFor(domain, type, ops, data),
    entity_type: type,
    timestamp: new Date().toISOString(),
    ...(spec.singletonId === undefined ? { entity_id: after.entity_id } : {}),
    ...(version === undefined ? {} : { base_version: version }),
    ...(home === undefined ? {} : { home }),
    ...(op === 'update' ? { base } : {}),
    ...(op === 'delete' ? {} : { data }),
    ...(strategy === undefined ? {} : { conflict_strategy: strategy }),
    ...(spec.schemaVersion === undefined ? {} : { schema_version: spec.schemaVersion }),
  };
}
