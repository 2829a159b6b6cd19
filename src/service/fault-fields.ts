/** Errors whose text is our own; another's may quote what it was about, and stays out of the log. */
const OURS: ReadonlySet<string> = new Set(['Trouble', 'HoleInLog', 'ConfigurationError']);

/** Frames of the stack that a log line keeps. */
const FRAMES = 6;

/** What a log may say of an error: its class, where it was thrown, the class of its cause; its text only if that is ours. */
export function faultFields(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = framesOf(error);
  return {
    error: classOf(error),
    ...(OURS.has(error.name) ? { reason: error.message.slice(0, 200) } : {}),
    ...(error.cause instanceof Error ? { cause: classOf(error.cause) } : {}),
    ...(frames.length > 0 ? { at: frames.slice(0, FRAMES).join(' < ') } : {}),
  };
}

/** The class of an error by its name; what does not look like one, or is no error, by its kind. */
export function classOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^[A-Za-z][\w.]{0,63}$/.test(error.name) ? error.name : 'Error';
}

/** A stack begins with the text, whose lines may look like frames; where it can't be told apart, there are none. */
function framesOf({ stack = '', message }: Error): string[] {
  const begin = stack.indexOf(message);
  if (begin < 0) return [];
  const lines = stack.slice(begin + message.length).split('\n').map((line) => line.trim());
  return lines.filter((line) => line.startsWith('at '));
}
