/** An upload of these actions, as text. */
export function upload(actions: string): string {
  return `{"device_id":"phone","actions":[${actions}]}`;
}

/** An upload of one action with these data, as text. */
export function act(data: string): string {
  return upload(`{"client_id":"a","action_type":"create_report","entity_type":"report","data":${data}}`);
}
