const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** `90s`, `15m`, `8h`, `2d`, and with a minus sign the past; in seconds. */
export function durationSeconds(text: string): number | undefined {
  const match = /^(-?)(\d{1,9})([smhd])$/.exec(text);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * SECONDS[match[3] as keyof typeof SECONDS];
  return match[1] === '-' ? -seconds : seconds;
}
