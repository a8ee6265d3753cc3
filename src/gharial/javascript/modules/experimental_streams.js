// The module `k6/experimental/streams`: the streams that are globals, too.
const gharial = globalThis[Symbol.for('gharial')];
// Loaded only where a script names it.
const named = (name) => (name in gharial.lazyGlobals ? globalThis[name] : undefined);

export const ReadableStream = named('ReadableStream');
export const ReadableStreamDefaultReader = named('ReadableStreamDefaultReader');
export const ReadableStreamDefaultController = named('ReadableStreamDefaultController');
export const WritableStream = named('WritableStream');
export const WritableStreamDefaultWriter = named('WritableStreamDefaultWriter');
export const TransformStream = named('TransformStream');
export const CountQueuingStrategy = named('CountQueuingStrategy');
export const ByteLengthQueuingStrategy = named('ByteLengthQueuingStrategy');

export default {
  ReadableStream,
  ReadableStreamDefaultReader,
  ReadableStreamDefaultController,
  WritableStream,
  WritableStreamDefaultWriter,
  TransformStream,
  CountQueuingStrategy,
  ByteLengthQueuingStrategy,
};
