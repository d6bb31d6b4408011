// Imported before Temporal's client. For the first message of a type protobufjs makes five functions, each compiled
// from text; who only writes or only reads it needs one of them, and a command is mostly start-up.
import { Reader, Type, Writer, decoder, encoder, util } from 'protobufjs/light';

const settled = new WeakSet<object>();

/** Sets up the first type of its root whole: with it protobufjs settles what counts for all of them. False for others. */
function setUpFirst(type: Type): boolean {
  const { root } = type;
  if (settled.has(root)) return false;
  settled.add(root);
  type.setup();
  return true;
}

const types = (type: Type): unknown[] => type.fieldsArray.map((field) => field.resolve().resolvedType);

Type.prototype.encode = function encode(this: Type, message, writer) {
  if (!setUpFirst(this)) Object.assign(this, { encode: encoder(this)({ Writer, types: types(this), util }) });
  return this.encode(message, writer);
};

Type.prototype.decode = function decode(this: Type, reader, length) {
  if (!setUpFirst(this))
    Object.assign(this, { decode: decoder(this)({ Reader, types: types(this), util, C: this.ctor }) });
  return this.decode(reader, length);
};
