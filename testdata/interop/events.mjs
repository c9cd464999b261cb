// The typed events of the interoperability tests: every kind of schema that an app may
// register. Its default export is a list of what goes to addEvents.
import { IgniterStoreEvents } from '@igniter-js/store';
import { z } from 'zod';

const text = IgniterStoreEvents.create('text')
  .event('plain', z.string())
  .event('length', z.string().min(2).max(4))
  .event('exact', z.string().length(3))
  .event('email', z.email())
  .event('uuid', z.uuid())
  .event('guid', z.guid())
  .event('datetime', z.iso.datetime())
  .event('offset', z.iso.datetime({ offset: true }))
  .event('local', z.iso.datetime({ local: true }))
  .event('date', z.iso.date())
  .event('time', z.iso.time())
  .event('duration', z.iso.duration())
  .event('emoji', z.emoji())
  .event('hostname', z.hostname())
  .event('ipv4', z.ipv4())
  .event('ipv6', z.ipv6())
  .event('cidrv4', z.cidrv4())
  .event('cidrv6', z.cidrv6())
  .event('base64', z.base64())
  .event('base64url', z.base64url())
  .event('jwt', z.jwt())
  .event('nanoid', z.nanoid())
  .event('cuid2', z.cuid2())
  .event('ulid', z.ulid())
  .event('e164', z.e164())
  .event('mac', z.mac())
  .event('url', z.url())
  .event('starts', z.string().startsWith('a.b'))
  .event('ends', z.string().endsWith('z'))
  .event('includes', z.string().includes('+'))
  .event('regex', z.string().regex(/^\s*[A-Z][a-z]+$/))
  .event('any-char', z.string().regex(/^.$/))
  .event('ahead', z.string().regex(/^(?=.*\d)(?!.*\s).{4,}$/))
  .event('behind', z.string().regex(/(?<=\$)\d+/))
  .event('backref', z.string().regex(/^(.)\1$/))
  .event('letters', z.string().regex(/^\p{L}+$/u))
  .event('two', z.string().regex(/a/).regex(/b/))
  .event('upper', z.string().uppercase())
  .event('template', z.templateLiteral(['id-', z.number()]))
  .build();

const number = IgniterStoreEvents.create('number')
  .event('any', z.number())
  .event('int', z.int())
  .event('int32', z.int32())
  .event('positive', z.number().positive())
  .event('range', z.number().min(-1).max(1.5))
  .event('below', z.number().lt(10))
  .event('cents', z.number().multipleOf(0.01))
  .event('tenths', z.number().multipleOf(0.1))
  .event('sevens', z.int().multipleOf(7))
  .event('float32', z.float32())
  .build();

const Category = z.object({
  name: z.string().min(1),
  get children() { return z.array(Category); },
});
const Address = z.object({ city: z.string(), zip: z.string().regex(/^\d{5}$/) }).meta({ id: 'Address' });
const created = z.object({
  userId: z.string(), email: z.email(), age: z.int().min(0).optional(), plan: z.enum(['free', 'pro']).default('free'),
}).describe('A user signed up');

const shape = IgniterStoreEvents.create('shape')
  .event('created', created)
  .event('strict', z.strictObject({ a: z.string() }))
  .event('loose', z.looseObject({ a: z.string() }))
  .event('catchall', z.object({ a: z.string() }).catchall(z.number()))
  .event('nullable', z.object({ a: z.string().nullable(), b: z.string().nullish() }))
  .event('enum', z.enum(['a', 'b']))
  .event('literal', z.literal(['a', 1, null]))
  .event('union', z.union([z.string().min(2), z.number(), z.array(z.boolean())]))
  .event('either', z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('card'), number: z.string().length(4) }),
    z.object({ kind: z.literal('cash'), amount: z.number() }),
  ]))
  .event('xor', z.xor([z.string().min(2), z.string().max(3)]))
  .event('both', z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })))
  .event('tuple', z.tuple([z.string(), z.number()]))
  .event('rest', z.tuple([z.string()]).rest(z.number()))
  .event('list', z.array(z.int()).min(1).max(3))
  .event('record', z.record(z.string().regex(/^[a-z]+$/), z.number()))
  .event('complete', z.record(z.enum(['a', 'b']), z.number()))
  .event('partial', z.partialRecord(z.enum(['a', 'b']), z.number()))
  .event('patterns', z.looseRecord(z.string().regex(/^x-/), z.number()))
  .event('tree', Category)
  .event('addresses', z.object({ home: Address, work: Address.optional() }))
  .event('any', z.any())
  .event('never', z.object({ a: z.never().optional() }))
  .event('null', z.null())
  .event('boolean', z.boolean())
  .event('unicode', z.strictObject({ 'ключ/~1': z.string().max(1) }))
  .group('nested', (group) => group
    .event('email', z.object({ to: z.email() }))
    .event('sms', z.object({ to: z.e164() })))
  .build();

// What JSON Schema cannot express.
const other = IgniterStoreEvents.create('other')
  .event('refine', z.string().refine((text) => text !== 'no'))
  .event('coerce', z.object({ n: z.coerce.number() }))
  .event('catch', z.object({ s: z.string().catch('x') }))
  .event('lower', z.string().toLowerCase().regex(/^[a-z]+$/))
  .event('trim', z.string().trim().min(2))
  .event('flags', z.string().regex(/^x$/i))
  .event('http', z.httpUrl())
  .event('preprocess', z.preprocess((v) => String(v), z.string()))
  .event('date', z.object({ at: z.date() }))
  .event('with:colon', z.string().min(3))
  .build();

export default [text, number, shape, other];
