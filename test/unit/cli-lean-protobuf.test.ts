// Messages of Temporal's API as the command writes and reads them: no other bytes than protobufjs' own.
import { Root, type Type } from 'protobufjs/light';

const STRING = 'string';
/** A small copy of how the API is described: nesting, maps, repeated and 64-bit numbers, a oneof, proto3's presence. */
const API = {
  nested: {
    t: {
      nested: {
        Payload: {
          fields: { metadata: { keyType: STRING, type: 'bytes', id: 1 }, data: { type: 'bytes', id: 2 } },
        },
        Event: {
          oneofs: { attributes: { oneof: ['started', 'note'] } },
          fields: {
            id: { type: 'int64', id: 1 },
            state: { type: 'State', id: 2 },
            sizes: { rule: 'repeated', type: 'int32', id: 3 },
            started: { type: 'Started', id: 4 },
            note: { type: STRING, id: 5 },
          },
        },
        Started: { fields: { input: { rule: 'repeated', type: 'Payload', id: 1 } } },
        State: { values: { NEW: 0, RUNS: 1 } },
      },
    },
  },
};

const PAYLOAD = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"instance":"USA"}') };
const EVENTS = [
  { id: 7, state: 1, sizes: [1, 2, 300], started: { input: [PAYLOAD, PAYLOAD] } },
  { id: 2 ** 40, note: 'ä' },
  {},
];

const event = (): Type => Root.fromJSON(API).lookupType('t.Event');
const bytes = (type: Type): Buffer[] => EVENTS.map((e) => Buffer.from(type.encode(e).finish()));

test('one function at a time writes and reads as all five together', async () => {
  const whole = bytes(event().setup());
  await import('../../cli/lean-protobuf.ts');
  const [writes, reads] = [event(), event()];
  expect(bytes(writes)).toEqual(whole);
  // The first of a root is set up whole, so that the root is settled; those after it are not.
  const payload = writes.root.lookupType('t.Payload');
  expect(Object.hasOwn(payload, 'encode') && !Object.hasOwn(payload, 'fromObject')).toBe(true);
  const seen = whole.map((text) => reads.toObject(reads.decode(text), { longs: Number }));
  expect(seen).toEqual(EVENTS);
  expect(bytes(reads)).toEqual(whole);
});
