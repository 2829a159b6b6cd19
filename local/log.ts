import { createWriteStream, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** Lines of functions, as they were written, with the function's name before them. */
export interface FunctionLog {
  readonly file: string;
  write(functionName: string, line: string): void;
  close(): Promise<void>;
}

/**
 * Everything goes to a file in the data folder (the one of the last start is kept as `.1`). What asks for attention is
 * shown too: warnings and errors, or all with `verbose`.
 */
export function openLog(dataDir: string, name: string, show: 'nothing' | 'warnings' | 'all'): FunctionLog {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, name);
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // the first start
  }
  const stream: WriteStream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return {
    file,
    write(functionName, line) {
      if (line === '') return;
      stream.write(`${functionName} ${line}\n`);
      if (show === 'all' || (show === 'warnings' && asksForAttention(line))) console.log(`[${functionName}] ${line}`);
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}

/** Anything but a structured line below WARN. */
function asksForAttention(line: string): boolean {
  if (!line.startsWith('{')) return true;
  try {
    const { level, _aws: metrics } = JSON.parse(line) as { level?: unknown; _aws?: unknown };
    return metrics === undefined && level !== 'INFO' && level !== 'DEBUG' && level !== 'TRACE';
  } catch {
    return true;
  }
}
