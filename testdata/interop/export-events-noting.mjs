// node export-events-noting.mjs ./events.mjs > events.json
// The module's default export is a list of what the app gives to addEvents.
import { z } from 'zod';

const { default: namespaces } = await import(new URL(process.argv[2], `file://${process.cwd()}/`));
const file = { format: 'igniter-store-events/1', io: 'input', events: {}, warnings: [], errors: [] };

function note(event, { _zod: { def } }, json, path) {
  const checks = (def.checks ?? []).map((check) => check._zod.def);
  const warn = (yes, reason) => yes && file.warnings.push({ event, path: path.join('/'), reason });
  warn(def.coerce, 'coerces: the app accepts more');
  warn(['catch', 'transform', 'pipe'].includes(def.type), `${def.type}: only its input is judged`);
  warn(checks.some((c) => c.check === 'custom'), 'refine: the app accepts less');
  warn(checks.some((c) => c.check === 'overwrite'), 'changes the text before later checks');
  warn([def, ...checks].some((c) => /[^u]/.test(c.pattern?.flags ?? '')), 'the flags of a pattern are lost');
  const loose = def.format && json.type === 'string' && (!json.pattern || /v6$/.test(def.format));
  warn(loose, `${def.format}: the app may accept others`);
}

function visit(event, node) {
  if (!node['~standard']) { // a namespace or a group; the library never finds a name with a colon
    for (const key in node) if (!key.includes(':')) visit(`${event}:${key}`, node[key]);
    return;
  }
  const override = ({ zodSchema, jsonSchema, path }) => note(event, zodSchema, jsonSchema, path);
  try {
    file.events[event] = z.toJSONSchema(node, { io: 'input', override });
  } catch (error) {
    file.errors.push({ event, reason: error.message });
  }
}
for (const { namespace, events } of namespaces) visit(namespace, events);
console.log(JSON.stringify(file, null, 2));
