/** How the command ends, for scripts. */
export const EXIT = { done: 0, refused: 1, usage: 2, unavailable: 3 } as const;

/** Something that is told to whoever typed the command, in one line and without a stack. */
export class CommandProblem extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.name = 'CommandProblem';
    this.exitCode = exitCode;
  }
}

/** The command was typed wrongly. */
export function misused(message: string): CommandProblem {
  return new CommandProblem(message, EXIT.usage);
}
