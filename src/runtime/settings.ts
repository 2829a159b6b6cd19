import { ENV, TABLE_ENV, type TableName } from './env.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A function that lacks a setting, or has one that makes no sense: a mistake of its deployment. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigurationError';
  }
}

/** Names of the tables that this function was given. */
export function tableNames(env: Environment): Partial<Record<TableName, string>> {
  const given = Object.entries(TABLE_ENV).flatMap(([table, name]) => (env[name] ? [[table, env[name]]] : []));
  return Object.fromEntries(given) as Partial<Record<TableName, string>>;
}

export function epoch(env: Environment): number {
  const text = required(env, ENV.epoch);
  if (!/^\d{1,6}$/.test(text)) throw new ConfigurationError(`${ENV.epoch} must be a whole number from 0`);
  return Number(text);
}

/** Whose tokens to believe. */
export function trust(env: Environment): { issuer: string; audience: string; jwksUrl: string } {
  const jwksUrl = required(env, ENV.tokenJwksUrl);
  if (!URL.canParse(jwksUrl)) throw new ConfigurationError(`${ENV.tokenJwksUrl} must be a URL`);
  return { issuer: required(env, ENV.tokenIssuer), audience: required(env, ENV.tokenAudience), jwksUrl };
}

/** Where attachments are, and the role's own credentials, as Lambda hands them over. */
export function s3Settings(env: Environment): {
  bucket: string;
  region: string;
  endpoint?: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
} {
  const { AWS_SESSION_TOKEN: sessionToken, AWS_ENDPOINT_URL_S3: endpoint } = env;
  return {
    bucket: required(env, ENV.bucket),
    region: required(env, 'AWS_REGION'),
    ...(endpoint ? { endpoint } : {}),
    credentials: {
      accessKeyId: required(env, 'AWS_ACCESS_KEY_ID'),
      secretAccessKey: required(env, 'AWS_SECRET_ACCESS_KEY'),
      ...(sessionToken ? { sessionToken } : {}),
    },
  };
}

/** Any setting that a function can't do without. */
export function required(env: Environment, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new ConfigurationError(`${name} is not set`);
  return value;
}
