/** The other ends of connections. */
export type Sockets = {
  /** `gone`: there is nobody any more. */
  send(id: string, text: string): Promise<'sent' | 'gone'>;
  /** Whether it was there or not. */
  close(id: string): Promise<void>;
};
