// Readable streams, their readers, controllers and iterators, and strategies; see javascript_cases.py.
const streamOf = (chunks) => new ReadableStream({
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
const sink = (log) => new WritableStream({
  write(chunk) { log.push(['write', chunk]); },
  close() { log.push('close'); },
  abort(reason) { log.push(['abort', nameOf(reason)]); },
});

//// readable: basic
return await collect(streamOf([1,2,3]));
//= [1, 2, 3]

//// readable: ctor errors
return [kind(()=>new ReadableStream(null)), kind(()=>new ReadableStream('x')),
  kind(()=>new ReadableStream({start:1})), kind(()=>new ReadableStream({pull:null})),
  kind(()=>new ReadableStream({cancel:{}})), kind(()=>new ReadableStream({type:'x'})),
  kind(()=>new ReadableStream({type:''})), kind(()=>new ReadableStream({type:null})),
  kind(()=>new ReadableStream({}, {highWaterMark:-1})), kind(()=>new ReadableStream({}, {highWaterMark:NaN})),
  kind(()=>new ReadableStream({}, {highWaterMark:'foo'})), kind(()=>new ReadableStream({}, {size:1})),
  kind(()=>new ReadableStream({},5)), kind(()=>ReadableStream()), typeof kind(()=>new ReadableStream({},null)),
  kind(()=>new ReadableStream({start(){throw new RangeError()}}))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "RangeError", "RangeError", "RangeError", "TypeError", "TypeError", "TypeError", "object", "RangeError"]

//// readable: lengths
return [ReadableStream.length, ReadableStream.from.length, ...['cancel',
  'getReader','pipeThrough','pipeTo','tee','values'].map(n=>ReadableStream.prototype[n].length),
  ReadableStreamDefaultReader.length, ReadableStreamDefaultReader.prototype.read.length,
  ReadableStreamDefaultReader.prototype.cancel.length, ReadableStreamDefaultController.prototype.enqueue.length,
  ReadableStreamDefaultController.prototype.error.length, ReadableStreamDefaultController.length];
//= [0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0]

//// readable: tags
let c;
const s = new ReadableStream({start(x){c=x}});
return [s, s.getReader(), c, s.constructor.name].map(String);
//= ["[object ReadableStream]", "[object ReadableStreamDefaultReader]", "[object ReadableStreamDefaultController]", "ReadableStream"]

//// readable: iterator same as values
return [ReadableStream.prototype.values === ReadableStream.prototype[Symbol.asyncIterator],
  Object.getOwnPropertyDescriptor(ReadableStream.prototype, Symbol.asyncIterator).enumerable];
//= [true, false]

//// readable: illegal constructors
return [kind(()=>new ReadableStreamDefaultController()), kind(()=>new ReadableStreamDefaultReader()),
  kind(()=>new ReadableStreamDefaultReader({})), kind(()=>new ReadableStreamDefaultReader(new ReadableStream()))+''];
//= ["TypeError", "TypeError", "TypeError", "[object ReadableStreamDefaultReader]"]

//// readable: start this & args
let got;
const src = { start(...a) { got = [this === src, a.length, a[0].constructor.name]; } };
new ReadableStream(src);
return got;
//= [true, 1, "ReadableStreamDefaultController"]

//// readable: pull counts
let n = 0;
const s = new ReadableStream({ pull() { n++; } }, { highWaterMark: 0 });
await turns();
const a = n;
s.getReader().read();
await turns();
return [a, n];
//= [0, 1]

//// readable: pull counts hwm
let n = 0;
const s = new ReadableStream({ pull(c) { n++; c.enqueue(n); } }, { highWaterMark: 3 });
await turns(50);
return n;
//= 3

//// readable: pull not before start resolves
let n = 0, go;
const s = new ReadableStream({ start() { return new Promise(r => { go = r; }); }, pull() { n++; } });
await turns();
const a = n;
go();
await turns();
return [a, n];
//= [0, 1]

//// readable: pull rejects
const s = new ReadableStream({ pull() { return Promise.reject(new RangeError('x')); } });
const r = s.getReader();
return [await kindOf(() => r.read()), await kindOf(() => r.closed)];
//= ["RangeError", "RangeError"]

//// readable: pull throws
const s = new ReadableStream({ pull() { throw new RangeError('x'); } });
const r = s.getReader();
return [await kindOf(() => r.read()), await kindOf(() => r.closed)];
//= ["RangeError", "RangeError"]

//// readable: start rejects
const s = new ReadableStream({ start() { return Promise.reject(new RangeError('x')); } });
const r = s.getReader();
return [await kindOf(() => r.read()), await kindOf(() => r.closed)];
//= ["RangeError", "RangeError"]

//// readable: desiredSize
let c;
const s = new ReadableStream({ start(x) { c = x; } }, { highWaterMark: 2 });
const d = [c.desiredSize];
c.enqueue(1);
d.push(c.desiredSize);
c.enqueue(1);
c.enqueue(1);
d.push(c.desiredSize);
c.close();
d.push(c.desiredSize);
const r = s.getReader();
await r.read();
await r.read();
await r.read();
d.push(c.desiredSize);
return d;
//= [2, 1, -1, -1, 0]

//// readable: desiredSize errored
let c;
const s = new ReadableStream({ start(x) { c = x; } });
c.error('x');
return [c.desiredSize, kind(()=>c.enqueue(1)), kind(()=>c.close()), kind(()=>c.error())];
//= [null, "TypeError", "TypeError", "(undefined)"]

//// readable: enqueue after close
let c;
const s = new ReadableStream({ start(x) { c = x; } });
c.enqueue(1);
c.close();
return [kind(()=>c.enqueue(1)), kind(()=>c.close())];
//= ["TypeError", "TypeError"]

//// readable: close with queued then error
let c;
const s = new ReadableStream({ start(x) { c = x; } });
c.enqueue(1);
c.close();
c.error(new RangeError());
const r = s.getReader();
return await kindOf(()=>r.read());
//= "RangeError"

//// readable: size throws
let c;
const s = new ReadableStream({ start(x) { c = x; } }, { size() { throw new RangeError(); } });
return [kind(()=>c.enqueue(1)), await kindOf(()=>s.getReader().closed)];
//= ["RangeError", "RangeError"]

//// readable: size bad values
const out=[];
for (const v of [-1, NaN, Infinity, '2', undefined]) { let c; const s = new ReadableStream({ start(x) { c = x; } },
  { size() { return v; }, highWaterMark: 5 }); out.push(kind(()=>{ c.enqueue(1); return c.desiredSize; }));
  } return out;
//= ["RangeError", "RangeError", "RangeError", 3, "RangeError"]

//// readable: size this
let t;
const s = new ReadableStream({ start(c) { c.enqueue(1); } }, { size: function () { 'use strict'; t = [this, arguments.length]; return 1; } });
return t;
//= ["(undefined)", 1]

//// readable: hwm infinity
let c;
new ReadableStream({ start(x) { c = x; } }, { highWaterMark: Infinity });
return c.desiredSize === Infinity;
//= true

//// readable: order of options
const l=[];
new ReadableStream({ get start(){l.push('start')}, get pull(){l.push('pull')},
  get cancel(){l.push('cancel')}, get type(){l.push('type')}, get autoAllocateChunkSize(){l.push('auto')} },
  { get size(){l.push('size')}, get highWaterMark(){l.push('hwm')} });
return l;
//= ["hwm", "size", "auto", "cancel", "pull", "start", "type"]

//// readable: cancel
let got;
const s = new ReadableStream({ cancel(r) { got = r; return 'ignored'; } });
const v = await s.cancel('why');
return [v, got, await s.getReader().read()];
//= ["(undefined)", "why", {"value": "(undefined)", "done": true}]

//// readable: cancel twice
let n=0;
const s = new ReadableStream({ cancel(r) { n++; } });
await s.cancel();
await s.cancel();
return n;
//= 1

//// readable: cancel throws
const s = new ReadableStream({ cancel() { throw new RangeError(); } });
return [await kindOf(()=>s.cancel()), await kindOf(()=>s.cancel())];
//= ["RangeError", "(undefined)"]

//// readable: cancel locked
const s = new ReadableStream();
s.getReader();
return await kindOf(()=>s.cancel());
//= "TypeError"

//// readable: cancel errored
const s = new ReadableStream({ start(c) { c.error(new RangeError()); } });
return await kindOf(()=>s.cancel());
//= "RangeError"

//// readable: cancel closes pending reads
const s = new ReadableStream();
const r = s.getReader();
const p = r.read();
r.cancel();
return [await p, await r.closed];
//= [{"value": "(undefined)", "done": true}, "(undefined)"]

//// readable: locked
const s = new ReadableStream();
const a = s.locked;
const r = s.getReader();
const b = s.locked;
r.releaseLock();
return [a, b, s.locked, kind(() => { s.getReader(); s.getReader(); })];
//= [false, true, false, "TypeError"]

//// readable: release with pending
const s = new ReadableStream();
const r = s.getReader();
const p = r.read();
r.releaseLock();
return [await kindOf(()=>p), await kindOf(()=>r.closed), await kindOf(()=>r.read()),
  await kindOf(()=>r.cancel()), s.locked];
//= ["TypeError", "TypeError", "TypeError", "TypeError", false]

//// readable: release twice
const s = new ReadableStream();
const r = s.getReader();
r.releaseLock();
r.releaseLock();
return s.locked;
//= false

//// readable: closed promise replaced after release of closed stream
const s = streamOf([]);
const r = s.getReader();
const c1 = r.closed;
await c1;
r.releaseLock();
return [c1 === r.closed, await kindOf(()=>r.closed)];
//= [false, "TypeError"]

//// readable: closed same promise
const s = new ReadableStream();
const r = s.getReader();
return [r.closed === r.closed, r.read() === r.read()];
//= [true, false]

//// readable: getReader mode
const s = new ReadableStream();
return [kind(()=>s.getReader({mode:'byob'})), kind(()=>s.getReader({mode:'x'})),
  kind(()=>s.getReader({mode:null})), kind(()=>s.getReader(5)), s.locked,
  typeof kind(()=>s.getReader({mode:undefined}))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", false, "object"]

//// readable: many reads
let c;
const s = new ReadableStream({ start(x) { c = x; } });
const r = s.getReader();
const ps = [r.read(), r.read(), r.read()];
c.enqueue('a');
c.enqueue('b');
c.close();
return await Promise.all(ps);
//= [{"value": "a", "done": false}, {"value": "b", "done": false}, {"value": "(undefined)", "done": true}]

//// readable: enqueue default undefined
const s = new ReadableStream({ start(c) { c.enqueue(); c.close(); } });
return await s.getReader().read();
//= {"value": "(undefined)", "done": false}

//// readable: async iter break cancels
let got = 'no';
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = [r]; } });
for await (const x of s) break;
return [got, s.locked];
//= [["(undefined)"], false]

//// readable: async iter preventCancel
let got = 'no';
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = [r]; } });
for await (const x of s.values({ preventCancel: true })) break;
return [got, s.locked];
//= ["no", false]

//// readable: async iter throw
let got = 'no';
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = [r]; } });
try { for await (const x of s) throw new RangeError(); } catch (e) { return [e.name, got, s.locked]; }
//= ["RangeError", ["(undefined)"], false]

//// readable: async iter error
const s = new ReadableStream({ start(c) { c.error(new RangeError()); } });
return [await kindOf(async () => { for await (const x of s); }), s.locked];
//= ["RangeError", false]

//// readable: async iter locks at once
const s = new ReadableStream();
const it = s.values();
return [s.locked, kind(() => s.values())];
//= [true, "TypeError"]

//// readable: async iter concurrent next
const it = streamOf([1,2]).values();
return await Promise.all([it.next(), it.next(), it.next(), it.next()]);
//= [{"value": 1, "done": false}, {"value": 2, "done": false}, {"value": "(undefined)", "done": true}, {"value": "(undefined)", "done": true}]

//// readable: async iter return while next
const it = streamOf([1,2]).values();
return await Promise.all([it.next(), it.return('x'), it.next(), it.return('y')]);
//= [{"value": 1, "done": false}, {"value": "x", "done": true}, {"value": "(undefined)", "done": true}, {"value": "y", "done": true}]

//// readable: async iter return sync unlock
const s = streamOf([1,2]);
const it = s.values();
it.return();
return s.locked;
//= false

//// readable: async iter proto
const it = streamOf([1]).values();
const P = Object.getPrototypeOf(it);
return [Object.getOwnPropertyNames(P).sort(), Object.getPrototypeOf(P) === Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype),
  it[Symbol.toStringTag], typeof it.throw, P.next.length, P.return.length,
  it[Symbol.asyncIterator]() === it, Object.getOwnPropertyDescriptor(P, 'next').enumerable];
//= [["next", "return"], true, "ReadableStream AsyncIterator", "undefined", 0, 1, true, true]

//// readable: async iter bad this
const P = Object.getPrototypeOf(streamOf([1]).values());
return [await kindOf(()=>P.next.call({})), await kindOf(()=>P.return.call({}))];
//= ["TypeError", "TypeError"]

//// readable: async iter manual after error
let c;
const s = new ReadableStream({start(x){c=x}});
const it = s.values();
const p = it.next();
c.error(new RangeError());
return [await kindOf(()=>p), await it.next()];
//= ["RangeError", {"value": "(undefined)", "done": true}]

//// strategies: strategies
const a = new CountQueuingStrategy({ highWaterMark: 4 }), b = new ByteLengthQueuingStrategy({ highWaterMark: '8' });
return [a.highWaterMark, a.size(), a.size.length, a.size.name, b.highWaterMark,
  b.size({ byteLength: 3 }), b.size.length, b.size.name, a.size === new CountQueuingStrategy({ highWaterMark: 1 }).size,
  kind(()=>b.size()), kind(()=>a.size()), String(a), Object.keys(CountQueuingStrategy.prototype)];
//= [4, 1, 0, "size", 8, 3, 1, "size", true, "TypeError", 1, "[object CountQueuingStrategy]", ["highWaterMark", "size"]]

//// strategies: bad
return [kind(()=>new CountQueuingStrategy()), kind(()=>new CountQueuingStrategy({})),
  kind(()=>new CountQueuingStrategy(null)), kind(()=>new CountQueuingStrategy(5)),
  new CountQueuingStrategy({highWaterMark:-5}).highWaterMark, String(new CountQueuingStrategy({highWaterMark:NaN}).highWaterMark),
  String(new ByteLengthQueuingStrategy({highWaterMark:'x'}).highWaterMark),
  CountQueuingStrategy.length, kind(()=>new ByteLengthQueuingStrategy({highWaterMark:1n})),
  kind(()=>CountQueuingStrategy({highWaterMark:1})), kind(()=>Object.getOwnPropertyDescriptor(CountQueuingStrategy.prototype,'size').get.call({}))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", -5, "NaN", "NaN", 1, "TypeError", "TypeError", "TypeError"]

//// strategies: in use
let c;
const s = new ReadableStream({start(x){c=x}}, new ByteLengthQueuingStrategy({highWaterMark: 10}));
c.enqueue(new Uint8Array(4));
return c.desiredSize;
//= 6

//// readable: the stream of a Blob
return [(await collect(new Blob(['ab','c']).stream())).map(x=>x.constructor.name + x.length),
  await collect(new Blob([]).stream())];
//= [["Uint8Array3"], []]
