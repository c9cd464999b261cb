// The npm library at the end of a pipe: reads one JSON request per line from
// standard input and answers each with one JSON line on standard output.
//
//	node driver.mjs [redis-url]        (or REDIS_URL; default redis://127.0.0.1:6379)
//
//	{"id":1,"call":"kv.set","service":"api","scopes":[["organization","org_1"]],
//	 "args":["user:1",{"a":1},{"ttl":30}]}
//	{"id":1,"result":null}                                     undefined is null
//	{"id":1,"error":{"name":"ReplyError","message":"…"}}       also code, statusCode, details
//
// Instead of "args" a request may have "argsText", a list of JSON texts.
//
// Calls are named after the library: kv.*, counter.*, claim.once, batch.*,
// events.publish, events.subscribe, streams.append, streams.range, dev.scan.
// A consumer group takes its two names first:
//
//	group.read [group, consumer, stream, options]
//
// After events.subscribe [event] every message is one more line with the id of
// that request: {"id":7,"event":{…}}. And "raw" sends any command as it is; its
// arguments are strings or {"base64":"…"}, its answers carry bytes as the latter:
//
//	{"id":2,"call":"raw","args":["SET","k",{"base64":"/w=="}]}
//	{"id":2,"result":{"base64":"T0s="}}
//
// The service "typed" has the events of events.mjs.
//
// Requests run side by side, so answers can overtake each other. The program
// ends when its standard input does.

import { Cluster, Command, Redis } from 'ioredis';
import { IgniterStore, IgniterStoreRedisAdapter } from '@igniter-js/store';
import namespaces from './events.mjs';

const url = process.argv[2] ?? process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const redis = connect(url);
const adapter = IgniterStoreRedisAdapter.create({ redis });
const stores = new Map();

// The library reports lost connections through the calls that needed them;
// without a listener ioredis would also print every one of them.
redis.on('error', () => {});
adapter.subscriberClient.on('error', () => {});

function connect(url) {
  const nodes = url.match(/^redis\+cluster:\/\/([^/]+)/)?.[1];
  if (!nodes) return new Redis(url, { maxRetriesPerRequest: 1 });
  return new Cluster(nodes.split(',').map((node) => `redis://${node}`));
}

function storeOf(service, scopes = []) {
  if (!stores.has(service)) {
    const builder = IgniterStore.create().withAdapter(adapter).withService(service);
    const typed = service === 'typed' ? namespaces : [];
    stores.set(service, typed.reduce((b, events) => b.addEvents(events), builder).build());
  }
  return scopes.reduce((store, [key, id]) => store.scope(key, id), stores.get(service));
}

async function run({ id, call, service, scopes, args, argsText }) {
  args = argsText ? argsText.map((text) => JSON.parse(text)) : (args ?? []);
  if (call === 'raw') return raw(args);

  const store = storeOf(service, scopes);
  const [noun, verb] = call.split('.');
  if (call === 'events.subscribe') {
    await store.events.subscribe(args[0], (event) => answer({ id, event }));
    return null;
  }
  if (noun === 'group') {
    const [group, consumer, ...rest] = args;
    return store.streams.group(group, consumer)[verb](...rest);
  }
  if (typeof store[noun]?.[verb] !== 'function') throw new Error(`unknown call ${call}`);
  return store[noun][verb](...args);
}

async function raw([name, ...args]) {
  const bytes = (arg) => (typeof arg === 'string' ? arg : Buffer.from(arg.base64, 'base64'));
  return printable(await redis.sendCommand(new Command(name, args.map(bytes))));
}

function printable(reply) {
  if (Buffer.isBuffer(reply)) return { base64: reply.toString('base64') };
  if (typeof reply === 'string') return { base64: Buffer.from(reply).toString('base64') };
  return Array.isArray(reply) ? reply.map(printable) : reply;
}

function answer(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function serve(line) {
  const request = JSON.parse(line);
  try {
    answer({ id: request.id, result: (await run(request)) ?? null });
  } catch ({ name, code, statusCode, message, details }) {
    answer({ id: request.id, error: { name, code, statusCode, message, details } });
  }
}

// Not node:readline, which also ends a line at U+2028 and U+2029: both may stand
// in JSON as they are.
let pending = [];
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  pending.push(chunk);
  if (!chunk.includes('\n')) return;
  const lines = pending.join('').split('\n');
  pending = [lines.pop()];
  lines.forEach(serve);
});
process.stdin.on('end', () => process.exit(0));
