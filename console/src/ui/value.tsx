import { LongText } from './text.tsx';
import { bytes } from './time.tsx';

/** A field's value as it can be read: texts as they are, the rest as JSON. */
export function Value({ value }: { value: unknown }) {
  if (value === undefined) return <span class="quiet">not set</span>;
  if (value === null) return <span class="quiet">empty</span>;
  if (typeof value === 'string') return value === '' ? <span class="quiet">empty text</span> : <LongText text={value} />;
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) {
    if (value.length === 0) return <span class="quiet">empty list</span>;
    return <span class="tags">{value.map((part) => <bdi class="tag" key={part}><LongText text={part} /></bdi>)}</span>;
  }
  if (typeof value === 'object') return <LongText text={JSON.stringify(value, null, 2)} />;
  return <span class="figure">{JSON.stringify(value)}</span>;
}

/** A payload: its fields, one below the other. */
export function Fields({ data }: { data: Readonly<Record<string, unknown>> }) {
  const names = Object.keys(data);
  if (names.length === 0) return <p class="quiet">No fields.</p>;
  return (
    <dl class="fields">
      {names.map((name) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd><Value value={data[name]} /></dd>
        </div>
      ))}
    </dl>
  );
}

export function sizeOf(data: unknown): string {
  return bytes(new TextEncoder().encode(JSON.stringify(data) ?? '').length);
}
