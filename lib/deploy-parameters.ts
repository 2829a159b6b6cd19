import { CfnParameter, type CfnParameterProps } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENV } from '../src/runtime/env.ts';

/**
 * What is given at deployment and not in the template, so that one template serves every stage, account, and the
 * local stack: whom to believe, and the epoch of the logs.
 */
export class DeployParameters extends Construct {
  readonly #issuer = this.#parameter('TokenIssuer', {
    description: 'iss of the tokens to accept',
    allowedPattern: '^https://.+',
  });
  readonly #audience = this.#parameter('TokenAudience', { description: 'aud of the tokens to accept', minLength: 1 });
  readonly #jwksUrl = this.#parameter('TokenJwksUrl', {
    description: 'URL of the issuer\'s JWKS',
    allowedPattern: '^https://.+',
  });
  readonly #epoch = this.#parameter('Epoch', {
    type: 'Number',
    default: 0,
    minValue: 0,
    description: 'Epoch of the logs: raise it by one with the first deployment after a point-in-time restore',
  });

  grantTokenNames(fn: LambdaFunction): void {
    fn.addEnvironment(ENV.tokenIssuer, this.#issuer.valueAsString);
    fn.addEnvironment(ENV.tokenAudience, this.#audience.valueAsString);
    fn.addEnvironment(ENV.tokenJwksUrl, this.#jwksUrl.valueAsString);
  }

  grantEpoch(fn: LambdaFunction): void {
    // A parameter of type Number is text in a template, as an environment variable must be.
    fn.addEnvironment(ENV.epoch, this.#epoch.value.toString());
  }

  #parameter(name: string, props: CfnParameterProps): CfnParameter {
    const parameter = new CfnParameter(this, name, props);
    parameter.overrideLogicalId(name); // people type it: --parameters TokenIssuer=…
    return parameter;
  }
}
