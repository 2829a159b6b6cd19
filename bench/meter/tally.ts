/** What one kind of call was used for, how often, and what it cost in request units. */
export type Line = { readonly caller: string; readonly operation: string; readonly table: string; calls: number; read: number; write: number };

/** Counted calls of functions to services. SQS has no table and no units: there the calls count. */
export class Tally {
  readonly #lines = new Map<string, Line>();
  /** Invocations, by function. */
  readonly invocations = new Map<string, number>();

  note(caller: string, operation: string, table: string, units: { read: number; write: number }): void {
    const key = `${caller} ${operation} ${table}`;
    const line = this.#lines.get(key) ?? { caller, operation, table, calls: 0, read: 0, write: 0 };
    line.calls += 1;
    line.read += units.read;
    line.write += units.write;
    this.#lines.set(key, line);
  }

  invoked(functionName: string): void {
    this.invocations.set(functionName, (this.invocations.get(functionName) ?? 0) + 1);
  }

  get lines(): readonly Line[] {
    return [...this.#lines.values()];
  }

  sum(what: 'calls' | 'read' | 'write', of: (line: Line) => boolean = () => true): number {
    return this.lines.filter(of).reduce((sum, line) => sum + line[what], 0);
  }
}
