import { signal } from '@preact/signals';

/** Where the page is: `#/devices?user=alice` is path `devices` with a parameter. Every view can be linked to. */
export type Place = { path: string; params: Readonly<Record<string, string>> };

const placeOf = (hash: string): Place => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { path, params: Object.fromEntries(new URLSearchParams(query)) };
};

export const place = signal<Place>(placeOf(location.hash));

addEventListener('hashchange', readPlace);

/** Takes the place from the address. */
export function readPlace(): void {
  place.value = placeOf(location.hash);
}

/** The address of a view; parameters that are absent or empty are left out. */
export function link(path: string, params: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  return `#/${path}${given.length > 0 ? `?${new URLSearchParams(given).toString()}` : ''}`;
}

/** Goes there. `replace`: without a step of its own in the browser's history, for filters. */
export function go(path: string, params: Readonly<Record<string, string | undefined>> = {}, replace = false): void {
  const target = link(path, params);
  if (!replace) {
    location.hash = target;
    return;
  }
  history.replaceState(null, '', target);
  place.value = placeOf(target);
}
