import { signal } from '@preact/signals';
import { Icon } from './icons.tsx';

type Toast = { id: number; text: string; bad: boolean };

const toasts = signal<readonly Toast[]>([]);
let last = 0;
const SHOWN_MS = 7000;

/** Tells what happened: on the screen for a while, and aloud to screen readers. A bad one stays until it is closed. */
export function toast(text: string, { bad = false } = {}): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, text, bad }];
  if (!bad) setTimeout(() => close(id), SHOWN_MS);
}

function close(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** Always in the page: readers announce only what is put into a region that they know. */
export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label="Messages">
      <div role="status" aria-live="polite">{shown(false)}</div>
      <div role="alert" aria-live="assertive">{shown(true)}</div>
    </div>
  );
}

function shown(bad: boolean) {
  return toasts.value.filter((one) => one.bad === bad).map(({ id, text }) => (
    <div key={id} class={`toast ${bad ? 'bad' : ''}`}>
      <Icon name={bad ? 'warn' : 'check'} />
      <span>{text}</span>
      <button type="button" class="bare" aria-label="Close message" onClick={() => close(id)}><Icon name="close" /></button>
    </div>
  ));
}
