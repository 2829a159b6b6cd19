import { Tags, type App } from 'aws-cdk-lib';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { stageFromContext } from './stage.ts';

/** The stacks of the stage that the context names. `bundles`: folder with one bundle per function. */
export function addStacks(app: App, bundles: string): { data: DataStack; service: ServiceStack } {
  const config = stageFromContext(app.node);
  Tags.of(app).add('fieldsync-stage', config.stage);
  const data = new DataStack(app, `fieldsync-${config.stage}-data`, config);
  const service = new ServiceStack(app, `fieldsync-${config.stage}`, config, { tables: data.tables, bundles });
  service.addStackDependency(data);
  return { data, service };
}
