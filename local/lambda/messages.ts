/** What a thread is given when it starts. */
export interface ThreadData {
  /** Path of the bundle's file. */
  readonly bundle: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
}

export interface InvokeMessage {
  readonly id: string;
  /** JSON. */
  readonly event: string;
  readonly deadlineMs: number;
}

/** To stand still, in the middle of whatever runs. */
export interface FreezeMessage {
  readonly freezeMs: number;
}

/** To end at once, whatever runs. */
export interface ExitMessage {
  readonly exit: true;
}

export interface ReadyMessage {
  readonly kind: 'ready';
}

export interface ResultMessage {
  readonly kind: 'result';
  readonly id: string;
  /** JSON, if it succeeded. */
  readonly payload?: string;
  readonly error?: { readonly errorType: string; readonly errorMessage: string };
}
