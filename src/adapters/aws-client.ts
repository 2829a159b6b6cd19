import { troubleOf } from './trouble.ts';

/** Three short tries: who waits for us has retries of its own. */
export function shortTries(maxSockets: number) {
  const agent = { keepAlive: true, maxSockets };
  return {
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2000,
      requestTimeout: 5000,
      throwOnRequestTimeout: true,
      // Also ends an answer that stops halfway.
      socketTimeout: 5000,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}

/** Makes a client throw `Trouble` where a later try may cure its error. `service`: how the log names it. */
export function throwsTrouble(service: string) {
  return <Args, Result>(next: (args: Args) => Promise<Result>, context: { commandName?: string }) => async (args: Args): Promise<Result> => {
    try {
      return await next(args);
    } catch (error) {
      throw troubleOf(`${service} ${context.commandName ?? ''}`, error);
    }
  };
}

/** Where `throwsTrouble` stands: around all that the client does. */
export const OUTERMOST = { step: 'initialize', priority: 'high', name: 'trouble' } as const;
