import { Tags, type App } from 'aws-cdk-lib';
import { ConsoleStack } from './console-stack.ts';
import { DataStack } from './data-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { stageFromContext } from './stage.ts';

/** Folders that the build made: one bundle per function, and the console's files. */
export interface Built {
  readonly bundles: string;
  /** Only asked for by stages that have a console. */
  readonly console: () => string;
}

/** The stacks of the stage that the context names. */
export function addStacks(app: App, built: Built): { data: DataStack; service: ServiceStack; console: ConsoleStack | undefined } {
  const config = stageFromContext(app.node);
  Tags.of(app).add('fieldsync-stage', config.stage);
  const data = new DataStack(app, `fieldsync-${config.stage}-data`, config);
  const service = new ServiceStack(app, `fieldsync-${config.stage}`, config, { tables: data.tables, bundles: built.bundles });
  service.addStackDependency(data);
  const console = config.console && new ConsoleStack(app, `fieldsync-${config.stage}-console`, config, config.console, {
    apiUrl: service.apiUrl, liveUrl: service.liveUrl, files: built.console(),
  });
  return { data, service, console };
}
