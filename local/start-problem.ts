/** A reason not to start that its reader can remove: one sentence that says how, shown without a stack trace. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}
