// node export-events.mjs ./events.mjs > events.json, where ./events.mjs exports what addEvents gets, as a list
import { z } from 'zod';
const { default: namespaces } = await import(new URL(process.argv[2], `file://${process.cwd()}/`));
const file = { format: 'igniter-store-events/1', io: 'input', events: {}, errors: [] };
const visit = (event, node) => { // a schema, or a namespace or group; the library never finds a name with a colon
  if (!node['~standard']) for (const key in node) key.includes(':') || visit(`${event}:${key}`, node[key]);
  else try { file.events[event] = z.toJSONSchema(node, { io: 'input' }); }
  catch (error) { file.errors.push({ event, reason: error.message }); }
};
for (const { namespace, events } of namespaces) visit(namespace, events);
console.log(JSON.stringify(file, null, 2));
