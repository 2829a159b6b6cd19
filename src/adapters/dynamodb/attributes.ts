import type { Item } from './table.ts';

/** Names that are not just the property's own in snake case. */
export type Renames = Readonly<Record<string, string>>;

/** An object as plain attributes that ops can read: `clientId` → `client_id`. `null` and missing members are left out. */
export function toAttributes(value: Item, renames: Renames): Item {
  const kept = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  return Object.fromEntries(kept.map(([name, member]) => [renames[name] ?? snake(name), member]));
}

/** The way back, but for members that were `null`. */
export function fromAttributes(item: Item, renames: Renames): Item {
  const back = new Map(Object.entries(renames).map(([name, attribute]) => [attribute, name]));
  return Object.fromEntries(Object.entries(item).map(([name, member]) => [back.get(name) ?? camel(name), member]));
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
