import { useId, useState } from 'preact/hooks';
import type { Json } from '../../../src/protocol/json.ts';

export type Fault = { field: string; message: string };

type Sides = Readonly<Record<'phone' | 'server' | 'before', Json | undefined>>;
type EditorProps = { field: string; value: Json; sides: Sides; fault: string | undefined; onChange: (value: Json, fault?: string) => void };

const SIDES = [['phone', 'Phone’s'], ['server', 'Server’s'], ['before', 'Before']] as const;

/** Edits one field of any type: texts and numbers as such, all else as JSON. */
export function FieldEditor({ field, value, sides, fault, onChange }: EditorProps) {
  const id = useId();
  const kind = kindOf([value, sides.phone, sides.server, sides.before]);
  const [typed, setTyped] = useState(() => written(kind, value));
  const put = (next: Json) => {
    setTyped(written(kind, next));
    onChange(next);
  };
  const type = (text: string) => {
    setTyped(text);
    const read = parsed(kind, text);
    if (read === undefined) onChange(value, kind === 'number' ? 'This is not a number.' : 'This is not valid JSON.');
    else onChange(read);
  };
  return (
    <div class="editor">
      <label for={id}>{field}</label>
      {kind === 'text'
        ? <textarea id={id} rows={Math.min(10, Math.max(1, Math.ceil(typed.length / 70), typed.split('\n').length))} value={typed} dir="auto" aria-invalid={fault !== undefined} aria-describedby={`${id}-fault`} onInput={(event) => type(event.currentTarget.value)} />
        : kind === 'number'
          ? <input id={id} inputMode="decimal" value={typed} aria-invalid={fault !== undefined} aria-describedby={`${id}-fault`} onInput={(event) => type(event.currentTarget.value)} />
          : <textarea id={id} class="code" rows={Math.min(10, typed.split('\n').length)} value={typed} spellcheck={false} aria-invalid={fault !== undefined} aria-describedby={`${id}-fault`} onInput={(event) => type(event.currentTarget.value)} />}
      <p id={`${id}-fault`} class="fault" role="alert">{fault}</p>
      <div class="sides">
        {SIDES.map(([side, name]) => (sides[side] === undefined ? null : <button key={side} type="button" class="small-button" onClick={() => put(sides[side]!)}>{name}<span class="unseen"> value of {field}</span></button>))}
        {value !== null && <button type="button" class="small-button" onClick={() => put(null)}>Empty<span class="unseen"> {field}</span></button>}
        {value === null && <span class="quiet small">will be empty</span>}
      </div>
    </div>
  );
}

type Kind = 'text' | 'number' | 'json';

/** By the first value that there is: a field keeps its type. */
function kindOf(values: readonly (Json | undefined)[]): Kind {
  const known = values.find((value) => value !== undefined && value !== null);
  if (typeof known === 'string') return 'text';
  return typeof known === 'number' ? 'number' : 'json';
}

function written(kind: Kind, value: Json): string {
  if (value === null) return '';
  return kind === 'text' && typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** Nothing when it can't be read. An empty number or JSON means none. */
function parsed(kind: Kind, text: string): Json | undefined {
  if (kind === 'text') return text;
  if (text.trim() === '') return null;
  try {
    const read = JSON.parse(text) as Json;
    return kind === 'number' && typeof read !== 'number' ? undefined : read;
  } catch {
    return undefined;
  }
}
