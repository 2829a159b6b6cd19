import { useEffect, useRef, useState } from 'preact/hooks';

/** A filter that is applied while one types, a moment after the last key. `/` leads to the first one of a page. */
export function Search({ label, value, onChange, placeholder = '' }: { label: string; value: string; onChange: (value: string) => void; placeholder?: string }) {
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        value={typed}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        maxLength={128}
        onInput={(event) => {
          const text = event.currentTarget.value;
          setTyped(text);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onChange(text.trim()), 300);
        }}
      />
    </label>
  );
}

/** One of a few; nothing chosen means all. */
export function Choice<T extends string>({ label, value, options, onChange }:
{ label: string; value: T | undefined; options: readonly (readonly [T, string])[]; onChange: (value: T | undefined) => void }) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value ?? ''} onChange={(event) => onChange((event.currentTarget.value || undefined) as T | undefined)}>
        <option value="">All</option>
        {options.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
      </select>
    </label>
  );
}
