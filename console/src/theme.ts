import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const KEY = 'fieldsync-console-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

/** The system's, unless someone chose. */
export const theme = signal<Theme>(chosen() ?? (dark.matches ? 'dark' : 'light'));
dark.addEventListener('change', () => { if (chosen() === undefined) theme.value = dark.matches ? 'dark' : 'light'; });
theme.subscribe((value) => { document.documentElement.dataset['theme'] = value; });

export function chooseTheme(value: Theme): void {
  theme.value = value;
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // For this page only, then.
  }
}

function chosen(): Theme | undefined {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : undefined;
  } catch {
    return undefined;
  }
}
