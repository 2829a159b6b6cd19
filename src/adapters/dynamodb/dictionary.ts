/*
 * What stored JSON is made of, so that even a small value compresses well (pack.ts). The most frequent stands last.
 * NEVER CHANGE IT: what is stored can't be read without it. New words need a new format beside this one.
 */
const PARTS = [
  '"refusal":{"code":"not_found"},"decision":{"conflictId":"","conflictUser":"","strategy":"manual","resolvedData":{},"serverVersion":',
  '"discard":true,"redriven":{"by":{"sub":"","role":"admin","departments":[]},"at":',
  '{"note":{"scope":"department:","home":"user:","n":1,"records":[{"type":"","entityId":""},{"type":"","entityId":""}]}}',
  '"status":"rejected","code":"validation_failed","errors":[{"pointer":"/data/","code":"invalid_value","message":"This field is required."}]',
  '"status":"conflict","conflictId":"","resolution":"unresolved"},"resolution":"server_wins","resolution":"client_wins","merged":true',
  '{"id":"","user":"","device":"","kind":"update_update","type":"","entityId":"","serverId":1,"home":"user:","clientId":"","clientIds":[""],',
  '"baseVersion":null,"serverVersion":1,"fields":["title"],"held":[],"base":{"title":""},"client":{"":""},"server":{"":""},"serverDeleted":false,',
  '"status":"unresolved","strategy":null,"resolvedData":null,"resolvedBy":null,"resolvedAt":null,"detectedAt":17,"revision":1,"time":17,"n":1}',
  '"state":"deleted","state":"left","gone":{"n":1,"at":17,"sub":"","device":"","order":1000,"time":17}',
  '{"scope":"department:","claims":{"sub":"","role":"citizen","departments":[]},"acceptedAt":17,"actions":[',
  '{"clientId":"","hash":"","actionType":"create_","entityType":"","record":"#","order":1000},{"clientId":"","hash":"","actionType":"update_',
  '"base":{"":""},"baseVersion":1,"baseKnown":1,"baseTime":17,"baseCap":1,"strategy":"merge","schemaVersion":1,"time":17},{"data":{"":""},"time":17}',
  '"fields":{"title":"","description":"","category":"","status":"","notes":"","name":"","tags":[],"latitude":,"longitude":null,"created_at":"20',
  '{"changes":[{"row":{"scope":"user:","home":"user:","type":"","entityId":"","serverId":1,"version":1,"n":1,"state":"live","fields":{"":"","":"',
  '"},"createdAt":17,"createdBy":"","updatedAt":17,"updatedBy":"","audience":[],"created":{"n":1,"at":17,"sub":"","device":"","order":1000,"time":17},',
  '"stamps":{"title":{"last":{"n":1,"at":17,"sub":"","device":"","order":1000,"time":17},"other":{"n":1,"at":17,"sub":"","device":"","order":1000,"time":17}},',
  '"status":{"last":{"n":1,"at":17}}}},"to":["department:"],"alias":"put"},{"row":{"scope":"user:","to":[]}],"outcomes":[',
  '{"user":"","device":"","clientId":"","hash":"","order":1000,"actionType":"create_","entityType":"","acceptedAt":17,"time":17,"retries":0,',
  '"entityId":"","status":"success","home":"user:","serverId":1,"version":1},{"user":"","device":"","clientId":"","actionType":"update_',
  '"],"conflicts":[]}',
];

export const DICTIONARY: Uint8Array = Buffer.from(PARTS.join(''));
