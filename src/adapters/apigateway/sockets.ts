import {
  ApiGatewayManagementApiClient, DeleteConnectionCommand, GoneException, PostToConnectionCommand,
  type ApiGatewayManagementApiClientConfig,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { Sockets } from '../../service/ports/sockets.ts';
import { troubleOf } from '../trouble.ts';

/**
 * A client of one stage's connections. `endpoint`: where the stage manages them. One further try and short patience: a
 * poke that comes late is worth little, and others wait behind it.
 */
export function createSocketsClient(endpoint: string, config: ApiGatewayManagementApiClientConfig = {}): ApiGatewayManagementApiClient {
  const agent = { keepAlive: true, maxSockets: 128 };
  return new ApiGatewayManagementApiClient({
    endpoint,
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 1000, throwOnRequestTimeout: true, socketTimeout: 1000, httpAgent: agent, httpsAgent: agent },
    ...config,
  });
}

/** Connections of an API Gateway WebSocket API. */
export function createSockets(client: ApiGatewayManagementApiClient): Sockets {
  return {
    async send(id, text) {
      try {
        await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: text }));
        return 'sent';
      } catch (error) {
        if (error instanceof GoneException) return 'gone';
        throw troubleOf('API Gateway PostToConnection', error);
      }
    },

    async close(id) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: id }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw troubleOf('API Gateway DeleteConnection', error);
      }
    },
  };
}
