import type { FieldError } from '../protocol/error-codes.ts';
import { LIMITS } from '../protocol/limits.ts';
import { pointerOf } from '../protocol/issues.ts';
import { SyncError } from '../service/errors.ts';
import { cutDeep } from './cut-deep.ts';

/** A parsed body, and what is wrong with it beyond its grammar, by JSON pointer. */
export type Guarded = { value: unknown; faults: FieldError[] };

/** Data lies one level inside its part: the body, or one action. */
const PART_DEPTH = LIMITS.depth + 1;
/** Faults told per part: a bad action must not crowd out those of others. */
const FAULTS_PER_PART = 10;
/** … and in all parts: what comes in more parts than an upload may have is refused as a whole. */
const FAULTS_OF_PARTS = FAULTS_PER_PART * LIMITS.actionsPerUpload;
/** DynamoDB keeps no number nearer to zero. */
const SMALLEST_NUMBER = 1e-130;
const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses JSON and finds what a parser lets pass (design 7): objects nested too deep or with too many keys, a key that
 * stands twice or is reserved, text that is not well-formed Unicode, numbers that would change. Each element of the
 * list under `partsAt` is judged for itself. What lies too deep is null in `value`, so that recursion over it is safe.
 *
 * @throws SyncError `malformed_json`.
 */
export function guardJson(given: string, partsAt?: string): Guarded {
  const text = cutDeep(given);
  const value = parse(text);
  const { faults, tooDeep } = new Scan(text, partsAt).run();
  if (tooDeep.length === 0) return { value, faults };
  let kept = '';
  let from = 0;
  for (const [start, end] of tooDeep) {
    kept += `${text.slice(from, start)}null`;
    from = end;
  }
  return { value: parse(kept + text.slice(from)), faults };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new SyncError('malformed_json', 'The body is not valid JSON.');
  }
}

/** An open object (with the keys seen so far, from its first on) or list, and the place that is being read in it. */
type Frame = { place: string | number; isObject: boolean; keys?: Set<string> };

/** One element of the list of parts, or the whole body: `below` frames are not its own. */
type Part = { below: number; keys: number; faults: number };

/** One pass over text that is known to be valid JSON. */
class Scan {
  readonly #text: string;
  readonly #partsAt: string | undefined;
  readonly #wellFormed: boolean;
  readonly #frames: Frame[] = [];
  readonly #whole: Part = { below: 0, keys: 0, faults: 0 };
  readonly #faults: FieldError[] = [];
  #faultsOfParts = 0;
  readonly #tooDeep: [start: number, end: number][] = [];
  #part = this.#whole;
  #at = 0;
  #keyNext = false;

  constructor(text: string, partsAt: string | undefined) {
    this.#text = text;
    this.#partsAt = partsAt;
    this.#wellFormed = text.isWellFormed();
  }

  run(): { faults: FieldError[]; tooDeep: [number, number][] } {
    for (; this.#at < this.#text.length; this.#at++) {
      switch (this.#text[this.#at]) {
        case '{':
          this.#open(true);
          break;
        case '[':
          this.#open(false);
          break;
        case '}':
        case ']':
          this.#frames.pop();
          if (this.#frames.length <= this.#part.below) this.#part = this.#whole;
          this.#keyNext = false;
          break;
        case ',':
          this.#next();
          break;
        case '"':
          this.#string();
          break;
        case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
          this.#number();
          break;
        default:
      }
    }
    return { faults: this.#faults, tooDeep: this.#tooDeep };
  }

  #open(isObject: boolean): void {
    const [root, list] = this.#frames;
    const startsPart = this.#frames.length === 2 && list?.isObject === false && root?.place === this.#partsAt;
    if (startsPart && root?.isObject) this.#part = { below: 2, keys: 0, faults: 0 };
    if (this.#frames.length - this.#part.below >= PART_DEPTH) {
      this.#fault('too_deep', `Expected at most ${LIMITS.depth} levels.`);
      const start = this.#at;
      this.#skip();
      this.#tooDeep.push([start, this.#at + 1]);
      return;
    }
    this.#frames.push({ place: isObject ? '' : 0, isObject });
    this.#keyNext = isObject;
  }

  /** Moves to the bracket that closes the one here. */
  #skip(): void {
    for (let open = 0; ; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '"') this.#at = this.#endOfString();
      else if (char === '{' || char === '[') open += 1;
      else if ((char === '}' || char === ']') && --open === 0) return;
    }
  }

  #next(): void {
    const frame = this.#frames.at(-1);
    if (typeof frame?.place === 'number') frame.place += 1;
    this.#keyNext = frame?.isObject === true;
  }

  #string(): void {
    const start = this.#at;
    this.#at = this.#endOfString();
    const raw = this.#text.slice(start, this.#at + 1);
    const escaped = raw.includes('\\');
    const frame = this.#frames.at(-1);
    if (this.#keyNext && frame) {
      this.#keyNext = false;
      this.#key(frame, escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1));
    } else if ((!this.#wellFormed || escaped) && !(JSON.parse(raw) as string).isWellFormed()) {
      this.#fault('ill_formed_text', 'Expected well-formed Unicode.');
    }
  }

  #key(frame: Frame, key: string): void {
    frame.place = '';
    if (!key.isWellFormed()) {
      this.#fault('ill_formed_text', 'Expected well-formed Unicode.', true);
      return;
    }
    frame.place = key;
    this.#count(frame, key);
    if (RESERVED_KEYS.has(key)) this.#fault('reserved_key', 'This key is not allowed.');
  }

  /** Beyond the limit nothing is gained by remembering more keys, and memory is lost. */
  #count(frame: Frame, key: string): void {
    const keys = (frame.keys ??= new Set());
    const isNew = !keys.has(key);
    if (!isNew) this.#fault('duplicate_key', 'This key stands twice.');
    const isEnvelope = this.#frames.length - this.#part.below < 2;
    const isOneTooMany = isEnvelope ? isNew && keys.size === LIMITS.keys : ++this.#part.keys === LIMITS.keys + 1;
    if (isOneTooMany) this.#fault('too_many_keys', `Expected at most ${LIMITS.keys} keys.`);
    if (isNew && keys.size <= LIMITS.keys) keys.add(key);
  }

  #number(): void {
    const start = this.#at;
    while (isOfNumber(this.#text.charCodeAt(this.#at + 1))) this.#at += 1;
    const literal = this.#text.slice(start, this.#at + 1);
    const value = Number(literal);
    const whole = Number.isInteger(value);
    const lost = whole ? !Number.isSafeInteger(value) : !Number.isFinite(value) || Math.abs(value) < SMALLEST_NUMBER;
    const vanished = value === 0 && /^[^eE]*[1-9]/.test(literal);
    if (lost || vanished) this.#fault('number_out_of_range', 'Expected a number that can be kept: within ±(2^53−1), and not nearer to zero than 1e-130.');
  }

  /** Index of the closing quote of the string that begins here. */
  #endOfString(): number {
    for (let end = this.#at + 1; ; end++) {
      const code = this.#text.charCodeAt(end);
      if (code === 0x22) return end;
      if (code === 0x5c) end += 1;
    }
  }

  /** Notes a fault at the place being read (or at what holds it). */
  #fault(code: string, message: string, holder = false): void {
    this.#part.faults += 1;
    if (this.#part.faults > FAULTS_PER_PART) return;
    if (this.#part !== this.#whole && ++this.#faultsOfParts > FAULTS_OF_PARTS) return;
    const path = this.#frames.map((frame) => frame.place);
    if (holder) path.pop();
    this.#faults.push({ pointer: pointerOf(path), code, message });
  }
}

/** Digits, `.`, `e`, `E`, `+`, `-`. */
function isOfNumber(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d;
}
