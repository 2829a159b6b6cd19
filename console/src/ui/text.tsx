import { useState } from 'preact/hooks';
import { bytes } from './time.tsx';
import { shortened, visibleText } from './visible-text.ts';

const AT_FIRST = 1200;

/** A short text from outside, on one line: isolated from its surroundings, controls spelt out, never markup. */
export function Foreign({ text, most = 120 }: { text: string; most?: number }) {
  const shown = visibleText(shortened(text, most));
  return <bdi class="foreign" title={text.length > most ? visibleText(shortened(text, 600)) : undefined}>{shown}</bdi>;
}

/** A text from outside that may be long: its beginning, and the rest when asked for. */
export function LongText({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > AT_FIRST;
  return (
    <>
      <bdi class="long-text">{visibleText(cut ? shortened(text, AT_FIRST) : text)}</bdi>
      {cut && <button type="button" class="link" onClick={() => setWhole(true)}>Show all ({bytes(text.length)})</button>}
    </>
  );
}
