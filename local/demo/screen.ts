import { styleText } from 'node:util';

/** What was shown is not what happened. */
export class NotAsTold extends Error {
  override readonly name = 'NotAsTold';
}

/** Tells a story line by line, and checks what it tells. Colours only on a terminal that wants them. */
export class Screen {
  /** Facts that were checked. */
  facts = 0;
  readonly #write: (line: string) => void;
  #chapter = 0;

  constructor(write: (line: string) => void = console.log) {
    this.#write = write;
  }

  title(text: string, ...lines: string[]): void {
    this.#write(paint('bold', text));
    for (const line of lines) this.#write(paint('dim', line));
  }

  chapter(text: string): void {
    this.#chapter++;
    this.#write('');
    this.#write(paint('bold', `${this.#chapter}. ${text}`));
  }

  /** Who does or holds what. */
  line(who: string, text: string): void {
    this.#write(`   ${paint('cyan', who.padEnd(8))} ${text}`);
  }

  /** States a fact if it is one. Throws `NotAsTold` if not. */
  fact(holds: boolean, text: string): void {
    if (!holds) throw new NotAsTold(`Not as told: ${text}`);
    this.facts++;
    this.#write(`   ${paint('green', '✓')} ${text}`);
  }

  end(text: string): void {
    this.#write('');
    this.#write(paint('bold', text));
  }
}

/** Node looks at the terminal, NO_COLOR and FORCE_COLOR. */
function paint(format: 'bold' | 'dim' | 'cyan' | 'green', text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
