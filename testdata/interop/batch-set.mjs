// Writes rows as an app would: reads NDJSON of {"key":…,"value":…} from standard input, and
// sends them through batch.set of the npm library, a thousand at a time.
//
//	node batch-set.mjs redis-url <rows.ndjson

import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { IgniterStore, IgniterStoreRedisAdapter } from '@igniter-js/store';

const redis = new Redis(process.argv[2]);
const adapter = IgniterStoreRedisAdapter.create({ redis });
const store = IgniterStore.create().withAdapter(adapter).withService('api').build()
  .scope('tenant', 't1');

let rows = [];
for await (const line of createInterface({ input: process.stdin })) {
  rows.push(JSON.parse(line));
  if (rows.length === 1000) await send();
}
await send();
process.exit();

async function send() {
  if (rows.length > 0) await store.batch.set(rows);
  rows = [];
}
