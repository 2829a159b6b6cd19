import type { Resource } from '../template/template.ts';
import type { Need } from './requests.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** What the role of a function allows. */
export type Permissions = (need: Need) => boolean;

/** The permissions behind a role, from the policies of the template that name it. */
export function permissionsOf(roleArn: string, resources: readonly Resource[]): Permissions {
  const statements = resources.filter((resource) => resource.type === 'AWS::IAM::Policy').flatMap(({ properties }) => {
    const roles = properties['Roles'] as readonly string[];
    const { Statement } = properties['PolicyDocument'] as { readonly Statement: readonly Statement[] };
    return roles.some((role) => roleArn.endsWith(`:${role}`)) ? Statement : [];
  });
  const matching = (effect: Statement['Effect'], need: Need) => statements.some((statement) =>
    statement.Effect === effect
    && [statement.Action].flat().some((pattern) => matches(pattern, need.action))
    && [statement.Resource].flat().some((pattern) => matches(pattern, need.resource)));
  return (need) => matching('Allow', need) && !matching('Deny', need);
}

/** `*` stands for any text. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
