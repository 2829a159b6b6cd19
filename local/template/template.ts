import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveIntrinsics, type Surroundings } from './intrinsics.ts';

/** The part of a CloudFormation template that the local stack reads. */
export interface Template {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: string | number }>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** A resource whose properties hold no intrinsic functions any more. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface LocalNames {
  readonly region: string;
  readonly accountId: string;
  /** Values for the templates' parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** URL of a queue, given its name. */
  queueUrl(name: string): string;
}

/** Every template that a synthesis left in `folder`. */
export function readTemplates(folder: string): Template[] {
  return readdirSync(folder).filter((file) => file.endsWith('.template.json')).sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template);
}

/** The resources of all templates, resolved as a deployment would: names, references between stacks, parameters. */
export function resolveTemplates(templates: readonly Template[], names: LocalNames): Resource[] {
  const surroundings = templates.map((template) => surroundingsOf(template, names, (exportName) => imported(exportName)));
  const imported = (exportName: string): unknown => {
    for (const [at, template] of templates.entries()) {
      const around = surroundings[at]!;
      for (const output of Object.values(template.Outputs ?? {})) {
        if (output.Export === undefined || resolveIntrinsics(output.Export.Name, around) !== exportName) continue;
        return resolveIntrinsics(output.Value, around);
      }
    }
    throw new Error(`no stack exports ${exportName}`);
  };
  return templates.flatMap((template, at) =>
    Object.entries(template.Resources).filter(([, { Type }]) => READ_TYPES.has(Type)).map(([logicalId, resource]) => ({
      logicalId,
      type: resource.Type,
      properties: resolveIntrinsics(resource.Properties ?? {}, surroundings[at]!) as Resource['properties'],
    })));
}

/** What the local stack runs or obeys. All else (alarms, log groups, …) has no meaning on one machine. */
const READ_TYPES: ReadonlySet<string> = new Set([
  'AWS::DynamoDB::GlobalTable',
  'AWS::SQS::Queue',
  'AWS::S3::Bucket',
  'AWS::Lambda::Function',
  'AWS::Lambda::EventSourceMapping',
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
]);

function surroundingsOf(template: Template, names: LocalNames, imported: Surroundings['imported']): Surroundings {
  const { region, accountId } = names;
  const parameters: Record<string, string> = {};
  for (const [name, { Default }] of Object.entries(template.Parameters ?? {})) {
    const value = names.parameters[name] ?? Default;
    if (value === undefined) throw new Error(`the template's parameter ${name} has no default and no local value`);
    parameters[name] = String(value);
  }
  const nameOf = (logicalId: string): [type: string, name: string] => {
    const resource = template.Resources[logicalId];
    if (resource === undefined) throw new Error(`the template has no resource ${logicalId}`);
    const property = NAME_PROPERTIES[resource.Type];
    const given = property === undefined ? undefined : resource.Properties?.[property];
    // A bucket without a name gets one of lower-case letters, as S3 wants it.
    const made = resource.Type === 'AWS::S3::Bucket' ? logicalId.toLowerCase() : logicalId;
    return [resource.Type, typeof given === 'string' ? given : made];
  };
  return {
    region,
    accountId,
    parameters,
    imported,
    ref(logicalId) {
      const [type, name] = nameOf(logicalId);
      return type === 'AWS::SQS::Queue' ? names.queueUrl(name) : name;
    },
    attribute(logicalId, attribute) {
      const [type, name] = nameOf(logicalId);
      if (attribute === 'Arn') return arn(type, name, region, accountId);
      if (type === 'AWS::SQS::Queue' && attribute === 'QueueName') return name;
      if (type === 'AWS::SQS::Queue' && attribute === 'QueueUrl') return names.queueUrl(name);
      if (attribute === 'StreamArn') return `${arn(type, name, region, accountId)}/stream/local`;
      throw new Error(`the local stack does not know the attribute ${attribute} of ${type}`);
    },
  };
}

const NAME_PROPERTIES: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
};

function arn(type: string, name: string, region: string, accountId: string): string {
  switch (type) {
    case 'AWS::SQS::Queue': return `arn:aws:sqs:${region}:${accountId}:${name}`;
    case 'AWS::S3::Bucket': return `arn:aws:s3:::${name}`;
    case 'AWS::DynamoDB::GlobalTable': return `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
    case 'AWS::Lambda::Function': return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
    default: return `arn:aws:local:${region}:${accountId}:${name}`;
  }
}
