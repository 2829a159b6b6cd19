/** What an app has of a photo: a `Blob` or `File`, or its bytes. */
export type PhotoContent = Blob | Uint8Array | ArrayBuffer;

export type Bytes = Uint8Array<ArrayBuffer>;

/** A copy of the bytes: the caller may go on changing its own. */
export async function bytesOf(content: PhotoContent): Promise<Bytes> {
  if (content instanceof Uint8Array) return content.slice();
  return new Uint8Array(content instanceof ArrayBuffer ? content.slice(0) : await content.arrayBuffer());
}

/** The type of a picture by how it begins; nothing for what the server would not take. */
export function typeOf(bytes: Bytes): string | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 12));
  if (text.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (text.startsWith('\u0089PNG')) return 'image/png';
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'image/webp';
  return /^.{4}ftyp(heic|heix|heim|heis|mif1)/s.test(text) ? 'image/heic' : undefined;
}

/** In hexadecimal digits, by the platform's own means. React Native has none: its app gives one of expo-crypto. */
export async function platformSha256(bytes: Bytes): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
