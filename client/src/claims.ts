/** What a JWT says of itself; nothing for tokens of another form. Whether it is genuine is the server's to say. */
export function claimsIn(token: string): { sub?: unknown; exp?: unknown } {
  try {
    const bytes = atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    // Not TextDecoder: not every React Native has it.
    const text = decodeURIComponent([...bytes].map((byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''));
    return (JSON.parse(text) ?? {}) as { sub?: unknown; exp?: unknown };
  } catch {
    return {};
  }
}
