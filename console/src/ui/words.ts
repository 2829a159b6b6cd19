/** `create_report` → `Create report`. */
export function words(name: string): string {
  const spaced = name.replaceAll('_', ' ');
  return spaced.slice(0, 1).toUpperCase() + spaced.slice(1);
}

export const number = new Intl.NumberFormat('en');

/** `1 device`, `2 devices`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number.format(n)} ${n === 1 ? one : many}`;
}

/** `user:alice` is a person, `department:roads` a department: the kind goes, the name stays. */
export function scopeName(scope: string): string {
  return scope.slice(scope.indexOf(':') + 1);
}
