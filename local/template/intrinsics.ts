/** What a template's functions refer to, beyond what stands in the template itself. */
export interface Surroundings {
  readonly region: string;
  readonly accountId: string;
  /** Values of the template's parameters by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What `Ref` gives for a resource. */
  ref(logicalId: string): string;
  /** What `Fn::GetAtt` gives. */
  attribute(logicalId: string, name: string): string;
  /** The value another stack exports under this name. */
  imported(exportName: string): unknown;
}

/**
 * A copy of `value` with every intrinsic function of CloudFormation replaced by its value.
 * One that is unknown here is an error: a wrong guess would only show much later.
 */
export function resolveIntrinsics(value: unknown, around: Surroundings): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveIntrinsics(item, around));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && isIntrinsic(only[0])) return evaluate(only[0], only[1], around);
  return Object.fromEntries(entries.map(([key, item]) => [key, resolveIntrinsics(item, around)]));
}

function isIntrinsic(key: string): boolean {
  return key === 'Ref' || key === 'Condition' || key.startsWith('Fn::');
}

function evaluate(name: string, argument: unknown, around: Surroundings): unknown {
  switch (name) {
    case 'Ref':
      return refer(text(argument, name), around);
    case 'Fn::GetAtt': {
      const [logicalId, attribute] = typeof argument === 'string' ? splitOnce(argument, '.') : list(argument, name);
      return around.attribute(text(logicalId, name), text(attribute, name));
    }
    case 'Fn::Join': {
      const [separator, parts] = list(argument, name);
      return list(resolveIntrinsics(parts, around), name).map(String).join(text(separator, name));
    }
    case 'Fn::Sub':
      return substitute(argument, around);
    case 'Fn::ImportValue':
      return around.imported(text(resolveIntrinsics(argument, around), name));
    case 'Fn::Select': {
      const [index, from] = list(argument, name);
      return list(resolveIntrinsics(from, around), name)[Number(index)];
    }
    case 'Fn::Split': {
      const [separator, source] = list(argument, name);
      return text(resolveIntrinsics(source, around), name).split(text(separator, name));
    }
    default:
      throw new Error(`the local stack does not know the intrinsic function ${name}`);
  }
}

function refer(name: string, around: Surroundings): string {
  switch (name) {
    case 'AWS::Region': return around.region;
    case 'AWS::AccountId': return around.accountId;
    case 'AWS::Partition': return 'aws';
    case 'AWS::URLSuffix': return 'amazonaws.com';
    case 'AWS::StackName': return 'local';
    default: return around.parameters[name] ?? around.ref(name);
  }
}

/** `${Name}`, `${Name.Attribute}`, `${!literal}`; values of the second argument first. */
function substitute(argument: unknown, around: Surroundings): string {
  const [template, values] = typeof argument === 'string' ? [argument, {}] : list(argument, 'Fn::Sub');
  const known = resolveIntrinsics(values, around) as Record<string, unknown>;
  return text(template, 'Fn::Sub').replaceAll(/\$\{([^}]+)\}/g, (whole, inner: string) => {
    if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
    if (inner in known) return String(known[inner]);
    const [logicalId, attribute] = splitOnce(inner, '.');
    if (logicalId === undefined) return whole;
    return attribute === undefined ? refer(logicalId, around) : around.attribute(logicalId, attribute);
  });
}

function splitOnce(source: string, separator: string): [string, string?] {
  const at = source.indexOf(separator);
  return at < 0 ? [source] : [source.slice(0, at), source.slice(at + separator.length)];
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new Error(`${where}: expected text, found ${JSON.stringify(value)}`);
  return value;
}

function list(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${where}: expected a list, found ${JSON.stringify(value)}`);
  return value;
}
