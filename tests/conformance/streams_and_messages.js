// Streams of text and of compressed bytes, and messages between parts of one virtual user; see
// javascript_cases.py. Storages, which Node.js 20 does not have, are in storage.js.
const bytesOf = (text) => new TextEncoder().encode(text);
const streamOf = (...chunks) => new ReadableStream({
  start(controller) {
    for (const chunk of chunks) controller.enqueue(chunk);
    controller.close();
  },
});
const collect = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
const joined = async (stream) => {
  const chunks = await collect(stream);
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let from = 0;
  for (const chunk of chunks) {
    all.set(chunk, from);
    from += chunk.length;
  }
  return all;
};
const through = (data, stream) => streamOf(...data).pipeThrough(stream);

//// TextDecoderStream: a character in two chunks
const stream = new TextDecoderStream();
return [await collect(through([new Uint8Array([0x61, 0xe2, 0x82]), new Uint8Array([0xac, 0x62])], stream)),
  stream.encoding, stream.fatal, stream.ignoreBOM, `${stream}`];
//= [["a", "\u20acb"], "utf-8", false, false, "[object TextDecoderStream]"]

//// TextDecoderStream: what is cut off or wrong
return [await collect(through([new Uint8Array([0xe2, 0x82])], new TextDecoderStream())),
  await kindOf(() => collect(through([new Uint8Array([0xe2, 0x82])], new TextDecoderStream('utf-8', { fatal: true })))),
  await kindOf(() => collect(through(['text'], new TextDecoderStream()))), kind(() => new TextDecoderStream('nothing')),
  await collect(through([new Uint8Array([0xff, 0xfe, 0x61, 0x00])], new TextDecoderStream('utf-16le')))];
//= [["\ufffd"], "TypeError", "TypeError", "RangeError", ["a"]]

//// TextEncoderStream: half characters
const encode = async (...chunks) => (await collect(through(chunks, new TextEncoderStream()))).map((chunk) => [...chunk]);
return [await encode('aé', '', 'b'), await encode('\ud83d', '\ude00'), await encode('\ud83d', 'x'), await encode('\ud83d'), await encode('x\ude00'),
  await encode(1, null), new TextEncoderStream().encoding];
//= [[[97, 195, 169], [98]], [[240, 159, 152, 128]], [[239, 191, 189, 120]], [[239, 191, 189]], [[120, 239, 191, 189]], [[49], [110, 117, 108, 108]], "utf-8"]

//// CompressionStream: and back
const text = 'some text that comes again and again; '.repeat(50);
const seen = [];
for (const format of ['gzip', 'deflate', 'deflate-raw']) {
  const packed = await joined(through([bytesOf(text), bytesOf('end')], new CompressionStream(format)));
  const unpacked = await joined(through([packed.slice(0, 5), packed.slice(5)], new DecompressionStream(format)));
  seen.push(packed.length < text.length / 10, new TextDecoder().decode(unpacked) === `${text}end`);
}
return seen;
//= [true, true, true, true, true, true]

//// CompressionStream: known bytes
const packed = new Uint8Array([0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06, 0x00, 0x02, 0x4d, 0x01, 0x27]);
return [new TextDecoder().decode(await joined(through([packed], new DecompressionStream('deflate')))),
  [...await joined(through([bytesOf('abc')], new CompressionStream('deflate')))].join() === [...packed].join(),
  (await joined(through([], new CompressionStream('gzip')))).length];
//= ["abc", true, 20]

//// CompressionStream: arguments
return [kind(() => new CompressionStream()), kind(() => new CompressionStream('zip')), kind(() => new DecompressionStream('GZIP')),
  kind(() => CompressionStream('gzip')), `${new CompressionStream('gzip')}`, new CompressionStream('gzip').readable instanceof ReadableStream];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "[object CompressionStream]", true]

//// DecompressionStream: what is wrong, cut off, or too much
const packed = await joined(through([bytesOf('abc')], new CompressionStream('gzip')));
const unpack = (...chunks) => kindOf(async () => new TextDecoder().decode(await joined(through(chunks, new DecompressionStream('gzip')))));
return [await unpack(packed), await unpack(packed.slice(0, -1)), await unpack(bytesOf('not gzip')), await unpack(new Uint8Array([...packed, 0])),
  await unpack(packed, new Uint8Array([0])), await unpack(), await unpack('text'), await unpack(packed.buffer), await unpack(new DataView(packed.buffer))];
//= ["abc", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "abc", "abc"]

//// DecompressionStream: much of little
const packed = await joined(through([new Uint8Array(3000000)], new CompressionStream('gzip')));
const unpacked = await joined(through([packed], new DecompressionStream('gzip')));
return [packed.length < 5000, unpacked.length, unpacked.every((byte) => byte === 0)];
//= [true, 3000000, true]

//// MessageChannel: messages arrive later, in order
const { port1, port2 } = new MessageChannel();
const log = [];
const end = new Promise((resolve) => {
  port2.onmessage = (event) => {
    log.push(event.data, event.target === port2, event.ports.length);
    if (event.data === 'last') resolve();
  };
});
port1.postMessage({ a: [1, new Date(0)] });
port1.postMessage('last');
log.push('posted');
await end;
port1.close();
return log;
//= ["posted", {"a": [1, "1970-01-01T00:00:00.000Z"]}, true, 0, "last", true, 0]

//// MessagePort: it waits for start, then gives what waited
const { port1, port2 } = new MessageChannel();
const log = [];
port2.addEventListener('message', ({ data }) => log.push(data));
port1.postMessage(1);
port1.postMessage(2);
await wait(20);
log.push('start');
port2.start();
await wait(20);
port1.close();
return log;
//= ["start", 1, 2]

//// MessagePort: what cannot be sent
const { port1, port2 } = new MessageChannel();
return [kind(() => port1.postMessage(() => 1)), kind(() => port1.postMessage()), kind(() => port1.postMessage(port1, [port1])),
  kind(() => port1.postMessage(port2)), kind(() => new MessagePort()), kind(() => port1.postMessage(1, [1]))];
//= ["DataCloneError", "TypeError", "DataCloneError", "DataCloneError", "TypeError", "TypeError"]

//// MessagePort: buffers and ports go along
const { port1, port2 } = new MessageChannel();
const inner = new MessageChannel();
const buffer = new ArrayBuffer(4);
const got = new Promise((resolve) => { port2.onmessage = resolve; });
inner.port1.postMessage('waits');
port1.postMessage({ buffer, port: inner.port2 }, [buffer, inner.port2]);
const event = await got;
const { port } = event.data;
const words = [];
const end = new Promise((resolve) => {
  port.onmessage = ({ data }) => { words.push(data); if (words.length === 2) resolve(); };
});
inner.port1.postMessage('more');
await end;
const result = [event.data.buffer.byteLength, buffer.byteLength, event.ports.length, event.ports[0] === port, port !== inner.port2, words,
  kind(() => port1.postMessage(1, [inner.port2]))];
inner.port1.close();
port1.close();
return result;
//= [4, 0, 1, true, true, ["waits", "more"], "DataCloneError"]

//// MessagePort: a closed one
const { port1, port2 } = new MessageChannel();
const log = [];
port2.onmessage = ({ data }) => log.push(data);
const end = new Promise((resolve) => { port2.addEventListener('close', resolve); });
port1.postMessage('before');
port1.close();
port1.postMessage('after');
await end;
return log;
//= ["before"]

//// BroadcastChannel
const [one, two, other] = [new BroadcastChannel('a'), new BroadcastChannel('a'), new BroadcastChannel('b')];
const log = [];
const end = new Promise((resolve) => {
  two.onmessage = ({ data, target }) => { log.push('two', data, target === two); if (data === 'last') resolve(); };
});
one.onmessage = other.onmessage = () => log.push('no');
one.postMessage({ n: 1 });
one.postMessage('last');
await end;
const closed = new BroadcastChannel('a');
closed.close();
for (const channel of [one, two, other]) channel.close();
return [...log, one.name, kind(() => closed.postMessage(1)), kind(() => new BroadcastChannel()), kind(() => new BroadcastChannel(5).close())];
//= ["two", {"n": 1}, true, "two", "last", true, "a", "InvalidStateError", "TypeError", "(undefined)"]
