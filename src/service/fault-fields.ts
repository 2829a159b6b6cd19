/** Errors whose text is ours or the engine's own; another's may quote a payload, and stays out of the log. */
const HARMLESS: ReadonlySet<string> = new Set(['Trouble', 'HoleInLog', 'ConfigurationError', 'TypeError', 'RangeError', 'ReferenceError']);

/** Frames of the stack that a log line keeps. */
const FRAMES = 6;

/** What a log may say of an error: its class, where it was thrown, the class of its cause. */
export function faultFields(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').map((line) => line.trim()).filter((line) => line.startsWith('at '));
  return {
    error: error.name,
    ...(HARMLESS.has(error.name) ? { reason: error.message.slice(0, 200) } : {}),
    ...(error.cause instanceof Error ? { cause: error.cause.name } : {}),
    ...(frames.length > 0 ? { at: frames.slice(0, FRAMES).join(' < ') } : {}),
  };
}
