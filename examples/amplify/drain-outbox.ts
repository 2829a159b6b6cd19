import type { Json, JsonObject, Sync } from '@fieldsync/client';

/** A row of DataStore's outbox, its own model `MutationEvent`: what is not sent of one instance. */
export type Mutation = { model: string; modelId: string; operation: 'CREATE' | 'UPDATE' | 'DELETE'; data: string };

/** What a model becomes: its type here, and its data as the type's fields, without what belongs to DataStore. */
export type Models = Readonly<Record<string, { type: string; fieldsOf: (data: JsonObject) => Record<string, Json | undefined> }>>;

/** The part of `@react-native-async-storage/async-storage` that is used. */
export type AsyncStorage = {
  getAllKeys(): Promise<readonly string[]>;
  getItem(key: string): Promise<string | null>;
  removeItem(key: string): Promise<void>;
};

/** The part of `aws-amplify/datastore` that is used. */
export type DataStore = { stop(): Promise<void>; clear(): Promise<void> };

// Where DataStore for React Native keeps its outbox. The keys go on with a ULID: their order is that of time.
const OUTBOX = '@AmplifyDatastore::sync_MutationEvent::Data::';

/**
 * At the app's start, while both are in it: moves what DataStore could not send to the SDK, one by one, and clears DataStore
 * once nothing of it is left. Gives what can't be moved: edits of records that are not here, and models that nobody knows.
 */
export async function moveOver(dataStore: DataStore, storage: AsyncStorage, sync: Sync, models: Models): Promise<Mutation[]> {
  await dataStore.stop();
  // Edits need the records that they change: without a network all stays as it is until the next start.
  const isHere = (await sync.sync()).ok;
  const left: Mutation[] = [];
  for (const key of (await storage.getAllKeys()).filter((key) => key.startsWith(OUTBOX)).sort()) {
    const mutation = JSON.parse((await storage.getItem(key)) ?? 'null') as Mutation | null;
    // If the app is killed between the two, it is done again, and changes nothing more.
    if (mutation && !(isHere && (await move(sync, mutation, models)))) left.push(mutation);
    else await storage.removeItem(key);
  }
  if (left.length === 0) await dataStore.clear();
  return left;
}

async function move(sync: Sync, { model, modelId: entityId, operation, data: text }: Mutation, models: Models): Promise<boolean> {
  const known = Object.hasOwn(models, model) ? models[model] : undefined;
  if (!known) return false;
  const { type, fieldsOf } = known;
  const data = JSON.parse(JSON.stringify(fieldsOf(JSON.parse(text) as JsonObject))) as JsonObject;
  const record = await sync.get(type, entityId);
  if (operation === 'UPDATE' && !record) return false;
  if (operation === 'DELETE') await sync.delete(type, entityId);
  else if (operation === 'UPDATE') await sync.update(type, entityId, data);
  // It may be here already: sent by DataStore without an answer. With other content that is a conflict to decide.
  else if (!record || !holds(record, data)) await sync.create(type, data, { entityId });
  return true;
}

function holds(record: JsonObject, data: JsonObject): boolean {
  return Object.entries(data).every(([field, value]) => JSON.stringify(record[field] ?? null) === JSON.stringify(value));
}
