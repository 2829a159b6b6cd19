type Json = Readonly<Record<string, unknown>>;

/**
 * Does an event match a pattern of an event source mapping? A pattern names members; a list holds the values that one
 * may have. Operators (`prefix`, `numeric`, …) are an error: a wrong guess would only show much later.
 */
export function matches(pattern: string, event: Json): boolean {
  return fits(JSON.parse(pattern) as Json, event);
}

function fits(pattern: Json, value: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const found = typeof value === 'object' && value !== null ? (value as Json)[name] : undefined;
    if (!Array.isArray(wanted)) return fits(wanted as Json, found);
    return wanted.some((one) => {
      if (typeof one === 'object' && one !== null) throw new Error(`the local stack does not know the pattern ${JSON.stringify(one)}`);
      return one === found;
    });
  });
}
