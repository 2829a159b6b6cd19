import type { JSX } from 'preact';

/** Drawn here, 16 × 16, in the colour of the text; they say nothing that the words beside them do not. */
const PATHS = {
  overview: 'M2 13.5h12M3.5 11V7M7 11V3.5M10.5 11V6M13 11V9',
  devices: 'M5 1.5h6a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1ZM7 12.3h2',
  actions: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.6',
  conflicts: 'M4 2.5v4.2c0 1.3.7 2 1.8 2.7L8 11v3M12 2.5v4.2c0 1.3-.7 2-1.8 2.7L8 11',
  find: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4 14 14',
  refresh: 'M13.5 8A5.5 5.5 0 1 1 11.7 3.9M13.5 1.8v3h-3',
  check: 'm3 8.5 3.2 3.2L13 4.8',
  warn: 'M8 2 1.5 13.5h13ZM8 6.5v3.3M8 11.6v.200',
  close: 'm4 4 8 8M12 4l-8 8',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  next: 'M6.5 3.5 11 8l-4.5 4.5',
  theme: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5.5l4.3-1.3M8 8.5l5.8-1.8M8 11.5l5.2-1.6',
  leave: 'M6.5 2.5h-3a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M10 5l3 3-3 3M13 8H6',
  offline: 'M2 2l12 12M4.5 9.5a5 5 0 0 1 2.2-1.3M9.8 8.4a5 5 0 0 1 1.7 1.1M2 6.8A8.5 8.5 0 0 1 4.5 5M7 4.1a8.5 8.5 0 0 1 7 2.7M8 12.5v.100',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
