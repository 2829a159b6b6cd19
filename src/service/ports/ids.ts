export type Ids = {
  uuid(): string;
  /** 0 ≤ x < 1. */
  random(): number;
  /** 128 bits of SHA-256 in base64url: 22 characters. */
  hash(text: string): string;
};
