import type { JsonObject } from '../protocol/json.ts';

/** A first upload, for the documentation to show. */
export const UPLOAD_EXAMPLE: JsonObject = {
  device_id: 'abc-123-def-456',
  last_sync_timestamp: '2025-10-19T10:00:00Z',
  actions: [
    {
      client_id: 'uuid-1',
      action_type: 'create_report',
      entity_type: 'report',
      timestamp: '2025-10-19T09:30:00Z',
      data: {
        title: 'Pothole on Main Street',
        description: 'Large pothole',
        category: 'roads',
        latitude: 23.3441,
        longitude: 85.3096,
      },
    },
  ],
};
