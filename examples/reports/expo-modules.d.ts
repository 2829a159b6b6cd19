// What this example uses of Expo, as its packages declare it (expo-sqlite 57, expo-crypto, expo-network): so that it can
// be type-checked and run where Expo is not installed. An app does not need this file.

declare module 'expo-sqlite' {
  type Value = string | number | null | boolean | Uint8Array;
  export interface SQLiteDatabase {
    execAsync(source: string): Promise<void>;
    runAsync(source: string, params: Record<string, Value> | Value[]): Promise<{ lastInsertRowId: number; changes: number }>;
    getFirstAsync<T>(source: string, params: Record<string, Value> | Value[]): Promise<T | null>;
    getAllAsync<T>(source: string, params: Record<string, Value> | Value[]): Promise<T[]>;
    closeAsync(): Promise<void>;
  }
  export function openDatabaseAsync(databaseName: string, options?: { useNewConnection?: boolean }): Promise<SQLiteDatabase>;
}

declare module 'expo-crypto' {
  export function randomUUID(): string;
}

declare module 'expo-network' {
  export function addNetworkStateListener(listener: (state: { isConnected?: boolean }) => void): { remove(): void };
}
