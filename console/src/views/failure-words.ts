/** What the worker notes of an error is its name. What that means, where it is known (docs/runbook.md). */
const MEANINGS: Readonly<Record<string, string>> = {
  NoWord: 'The worker stopped five times without a word: out of memory, or over its time.',
};

/** A reason as people read it: the name, and what it means. */
export function reasonOf(error: string | null | undefined): string {
  if (error === null || error === undefined) return 'No reason was noted.';
  const meaning = Object.hasOwn(MEANINGS, error) ? MEANINGS[error] : /^[A-Z]\w*Error$/.test(error) ? 'An error in the code: the worker’s log has its line.' : undefined;
  return meaning === undefined ? error : `${error} · ${meaning}`;
}
