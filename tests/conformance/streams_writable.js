// Writable and transform streams; see javascript_cases.py.
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

//// writable: basic
const l = [];
const w = sink(l).getWriter();
w.write(1);
w.write(2);
await w.close();
return [l, await w.closed, await w.ready];
//= [[["write", 1], ["write", 2], "close"], "(undefined)", "(undefined)"]

//// writable: ctor errors
return [kind(()=>new WritableStream(null)), kind(()=>new WritableStream('x')),
  kind(()=>new WritableStream({start:1})), kind(()=>new WritableStream({write:null})),
  kind(()=>new WritableStream({type:'bytes'})), kind(()=>new WritableStream({type:undefined}))+'',
  kind(()=>new WritableStream({}, {highWaterMark:-1})), kind(()=>new WritableStream({}, {size:1})),
  kind(()=>WritableStream()), kind(()=>new WritableStreamDefaultController()),
  kind(()=>new WritableStreamDefaultWriter()), kind(()=>new WritableStreamDefaultWriter({}))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "RangeError", "[object WritableStream]", "RangeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError"]

//// writable: lengths
return [WritableStream.length, ...['abort','close','getWriter'].map(n=>WritableStream.prototype[n].length),
  WritableStreamDefaultWriter.length, ...['abort','close','releaseLock',
  'write'].map(n=>WritableStreamDefaultWriter.prototype[n].length), WritableStreamDefaultController.prototype.error.length];
//= [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]

//// writable: bad this
const p = WritableStream.prototype, q = WritableStreamDefaultWriter.prototype;
return [await kindOf(()=>p.abort.call({})), await kindOf(()=>p.close.call({})),
  kind(()=>p.getWriter.call({})), await kindOf(()=>q.write.call({})), await kindOf(()=>q.close.call({})),
  await kindOf(()=>q.abort.call({})), kind(()=>q.releaseLock.call({})), await kindOf(()=>Object.getOwnPropertyDescriptor(q,'ready').get.call({})),
  kind(()=>Object.getOwnPropertyDescriptor(q,'desiredSize').get.call({})),
  kind(()=>WritableStreamDefaultController.prototype.error.call({}))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError"]

//// writable: desiredSize ready
let go;
const s = new WritableStream({ write() { return new Promise(r => { go = r; }); } }, { highWaterMark: 2 });
const w = s.getWriter();
await turns();
const d = [w.desiredSize];
w.write(1);
d.push(w.desiredSize);
w.write(2);
d.push(w.desiredSize);
let ready = false;
w.ready.then(() => { ready = true; });
await turns();
d.push(ready);
go();
await turns();
d.push(ready, w.desiredSize);
return d;
//= [2, 1, 0, false, true, 1]

//// writable: writes are serial
const l = [];
let go;
const s = new WritableStream({ write(c) { l.push(c); return new Promise(r => { go = r; }); } });
const w = s.getWriter();
w.write(1);
w.write(2);
await turns();
l.push('|');
go();
await turns();
return l;
//= [1, "|", 2]

//// writable: write rejects
const s = new WritableStream({ write() { return Promise.reject(new RangeError()); } });
const w = s.getWriter();
return [await kindOf(()=>w.write(1)), await kindOf(()=>w.write(2)), await kindOf(()=>w.closed),
  await kindOf(()=>w.ready), w.desiredSize];
//= ["RangeError", "RangeError", "RangeError", "RangeError", null]

//// writable: write rejects queued ones
const s = new WritableStream({ write() { return Promise.reject(new RangeError()); } });
const w = s.getWriter();
const ps = [w.write(1), w.write(2), w.close()];
return await Promise.all(ps.map(p => kindOf(()=>p)));
//= ["RangeError", "RangeError", "RangeError"]

//// writable: start rejects
const s = new WritableStream({ start() { return Promise.reject(new RangeError()); } });
const w = s.getWriter();
return [await kindOf(()=>w.write(1)), await kindOf(()=>w.closed), await kindOf(()=>w.ready)];
//= ["RangeError", "RangeError", "RangeError"]

//// writable: start throws
return kind(()=>new WritableStream({ start() { throw new RangeError(); } }));
//= "RangeError"

//// writable: close rejects
const s = new WritableStream({ close() { throw new RangeError(); } });
const w = s.getWriter();
return [await kindOf(()=>w.close()), await kindOf(()=>w.closed), await kindOf(()=>w.ready)];
//= ["RangeError", "RangeError", "RangeError"]

//// writable: close twice
const w = new WritableStream().getWriter();
const p = w.close();
return [await kindOf(()=>w.close()), await p, await kindOf(()=>w.close()), await kindOf(()=>w.write(1))];
//= ["TypeError", "(undefined)", "TypeError", "TypeError"]

//// writable: write after close
const l=[];
const w = sink(l).getWriter();
w.close();
return [await kindOf(()=>w.write(1)), l];
//= ["TypeError", ["close"]]

//// writable: close locked
const s = new WritableStream();
s.getWriter();
return [await kindOf(()=>s.close()), await kindOf(()=>s.abort()), kind(()=>s.getWriter())];
//= ["TypeError", "TypeError", "TypeError"]

//// writable: abort
const l = [];
const w = sink(l).getWriter();
const v = await w.abort(new RangeError('r'));
return [v, l, await kindOf(()=>w.closed), await kindOf(()=>w.ready), await kindOf(()=>w.write(1)),
  await w.abort()];
//= ["(undefined)", [["abort", "RangeError"]], "RangeError", "RangeError", "RangeError", "(undefined)"]

//// writable: abort while writing
const l = [];
let go;
const s = new WritableStream({ write(c) { l.push('w'); return new Promise(r => { go = r; }); },
  abort(r) { l.push('a'); } });
const w = s.getWriter();
await turns();
const p1 = w.write(1), p2 = w.write(2);
await turns();
const a = w.abort(new RangeError());
await turns();
l.push('|');
go();
return [await p1, await kindOf(()=>p2), await a, l, await kindOf(()=>w.closed)];
//= ["(undefined)", "RangeError", "(undefined)", ["w", "|", "a"], "RangeError"]

//// writable: abort signal
let c, seen=[];
const s = new WritableStream({ start(x) { c = x; } });
const w = s.getWriter();
c.signal.addEventListener('abort', () => seen.push(c.signal.reason));
const before = c.signal.aborted;
w.abort('why');
return [before, c.signal.aborted, seen, c.signal.constructor.name];
//= [false, true, ["why"], "AbortSignal"]

//// writable: abort before start
const l = [];
let go;
const s = new WritableStream({ start() { return new Promise(r => { go = r; }); },
  abort() { l.push('abort'); }, write() { l.push('w'); } });
const w = s.getWriter();
const p = w.write(1);
const a = w.abort('x');
await turns();
l.push('|');
go();
return [await a, l, await kindOf(()=>p)];
//= ["(undefined)", ["|", "abort"], "x"]

//// writable: abort twice same promise
const s = new WritableStream({});
const w = s.getWriter();
await turns();
return [w.abort(1) === w.abort(2)];
//= [false]

//// writable: abort throws
const s = new WritableStream({ abort() { throw new RangeError(); } });
const w = s.getWriter();
return [await kindOf(()=>w.abort('x')), await kindOf(async()=>{ try { await w.closed } catch (e) { return e } })];
//= ["RangeError", "x"]

//// writable: abort during close
let go;
const s = new WritableStream({ close() { return new Promise(r => { go = r; }); } });
const w = s.getWriter();
await turns();
const c = w.close();
await turns();
const a = w.abort('x');
go();
return [await c, await a, await w.closed];
//= ["(undefined)", "(undefined)", "(undefined)"]

//// writable: abort closed
const s = new WritableStream();
const w = s.getWriter();
await w.close();
return await w.abort();
//= "(undefined)"

//// writable: controller error
let c;
const s = new WritableStream({ start(x) { c = x; } });
const w = s.getWriter();
await turns();
c.error(new RangeError());
return [w.desiredSize, await kindOf(()=>w.write(1)), await kindOf(()=>w.closed),
  await kindOf(()=>w.close()), c.error(5)];
//= [null, "RangeError", "RangeError", "TypeError", "(undefined)"]

//// writable: controller error in write
const s = new WritableStream({ write(x, c) { c.error(new RangeError()); } });
const w = s.getWriter();
return [await w.write(1), await kindOf(()=>w.closed), await kindOf(()=>w.write(1))];
//= ["(undefined)", "RangeError", "RangeError"]

//// writable: error while write in flight
let c, go;
const s = new WritableStream({ start(x) { c = x; }, write() { return new Promise(r => { go = r; }); } });
const w = s.getWriter();
await turns();
const p = w.write(1), q = w.write(2);
await turns();
c.error(new RangeError());
let state = 'pending';
q.catch(() => { state = 'rejected'; });
w.closed.catch(() => { state += '+closed'; });
await turns();
const s1 = state;
go();
await turns();
return [s1, state, await p];
//= ["pending", "rejected+closed", "(undefined)"]

//// writable: release
const s = new WritableStream();
const w = s.getWriter();
w.releaseLock();
return [s.locked, await kindOf(()=>w.write(1)), await kindOf(()=>w.close()),
  await kindOf(()=>w.abort()), await kindOf(()=>w.closed), await kindOf(()=>w.ready),
  kind(()=>w.desiredSize), w.releaseLock()];
//= [false, "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "(undefined)"]

//// writable: size function gets chunk
const got=[];
const w = new WritableStream({}, { size(c) { got.push(c); return 1; } }).getWriter();
w.write('x');
return got;
//= ["x"]

//// writable: size throws
const w = new WritableStream({}, { size(c) { throw new RangeError(); } }).getWriter();
return [await kindOf(()=>w.write('x')), await kindOf(()=>w.closed)];
//= ["RangeError", "RangeError"]

//// writable: size bad
const w = new WritableStream({}, { size(c) { return -1; } }).getWriter();
return [await kindOf(()=>w.write('x')), await kindOf(()=>w.closed)];
//= ["RangeError", "RangeError"]

//// writable: size releases the lock
const s = new WritableStream({}, { size() { w.releaseLock(); return 1; } });
const w = s.getWriter();
return await kindOf(()=>w.write('a'));
//= "TypeError"

//// writable: hwm zero
const s = new WritableStream({}, { highWaterMark: 0 });
const w = s.getWriter();
let ready = false;
w.ready.then(() => { ready = true; });
await turns();
return [w.desiredSize, ready];
//= [0, false]

//// writable: close waits for ready backpressure
const s = new WritableStream({}, { highWaterMark: 0 });
const w = s.getWriter();
w.close();
return await w.ready;
//= "(undefined)"

//// writable: order of sink getters
const l=[];
new WritableStream({ get start(){l.push('start')}, get write(){l.push('write')},
  get close(){l.push('close')}, get abort(){l.push('abort')}, get type(){l.push('type')} },
  { get size(){l.push('size')}, get highWaterMark(){l.push('hwm')} });
return l;
//= ["hwm", "size", "abort", "close", "start", "type", "write"]

//// writable: getWriter in states
const s = new WritableStream();
const w0 = s.getWriter();
const c = w0.close();
w0.releaseLock();
await c;
const w = s.getWriter();
return [await w.closed, await w.ready, w.desiredSize];
//= ["(undefined)", "(undefined)", 0]

//// transform: identity
const t = new TransformStream();
const w = t.writable.getWriter();
w.write(1);
w.write(2);
w.close();
return await collect(t.readable);
//= [1, 2]

//// transform: upper
return await collect(streamOf(['a', 'b']).pipeThrough(new TransformStream({ transform(c, x) { x.enqueue(c.toUpperCase()); x.enqueue('!'); }, flush(x) { x.enqueue('end'); } })));
//= ["A", "!", "B", "!", "end"]

//// transform: ctor errors
return [kind(()=>new TransformStream(null)), kind(()=>new TransformStream({readableType:'bytes'})),
  kind(()=>new TransformStream({writableType:'bytes'})), kind(()=>new TransformStream({transform:1})),
  kind(()=>new TransformStream({flush:null})), kind(()=>new TransformStream({}, {highWaterMark:-1})),
  kind(()=>new TransformStream({}, {}, {highWaterMark:NaN})), kind(()=>new TransformStream({start(){throw new RangeError()}})),
  kind(()=>TransformStream()), kind(()=>new TransformStreamDefaultController()),
  TransformStream.length, Object.keys(TransformStream.prototype), String(new TransformStream())];
//= ["TypeError", "RangeError", "RangeError", "TypeError", "TypeError", "RangeError", "RangeError", "RangeError", "TypeError", "TypeError", 0, ["readable", "writable"], "[object TransformStream]"]

//// transform: desiredSize
let c;
const t = new TransformStream({ start(x) { c = x; } });
const d=[c.desiredSize];
const t2 = new TransformStream({ start(x) { c = x; } }, undefined, { highWaterMark: 5 });
d.push(c.desiredSize);
c.enqueue(1);
d.push(c.desiredSize);
return [...d, t.writable.getWriter().desiredSize];
//= [0, 5, 4, 1]

//// transform: backpressure
const t = new TransformStream();
const w = t.writable.getWriter();
await turns();
let done=false;
w.write('a').then(()=>{done=true});
await turns();
const a = done;
t.readable.getReader().read();
await turns();
return [a, done];
//= [false, true]

//// transform: transform throws
const t = new TransformStream({ transform() { throw new RangeError(); } });
const w = t.writable.getWriter();
const r = t.readable.getReader();
return await Promise.all([kindOf(()=>w.write(1)), kindOf(()=>r.read()), kindOf(()=>w.closed),
  kindOf(()=>r.closed)]);
//= ["RangeError", "RangeError", "RangeError", "RangeError"]

//// transform: flush throws
const t = new TransformStream({ turns() { throw new RangeError(); } });
const w = t.writable.getWriter();
const r = t.readable.getReader();
return await Promise.all([kindOf(()=>w.close()), kindOf(()=>r.read())]);
//= ["(undefined)", {"value": "(undefined)", "done": true}]

//// transform: error
let c;
const t = new TransformStream({ start(x) { c = x; } });
const w = t.writable.getWriter();
const r = t.readable.getReader();
c.error(new RangeError());
return [await kindOf(()=>r.read()), await kindOf(()=>w.write(1)), c.desiredSize];
//= ["RangeError", "RangeError", null]

//// transform: terminate
let c;
const t = new TransformStream({ start(x) { c = x; } }, {}, {highWaterMark:1});
const w = t.writable.getWriter();
const r = t.readable.getReader();
c.enqueue('x');
c.terminate();
return [await r.read(), await r.read(), await kindOf(()=>w.write(1)), await kindOf(()=>w.closed),
  kind(()=>c.enqueue(1))];
//= [{"value": "x", "done": false}, {"value": "(undefined)", "done": true}, "TypeError", "TypeError", "TypeError"]

//// transform: terminate twice
let c;
const t = new TransformStream({ start(x) { c = x; } });
c.terminate();
c.terminate();
return c.desiredSize;
//= 0

//// transform: cancel readable
const l=[];
const t = new TransformStream({ cancel(r) { l.push(r); } });
const w = t.writable.getWriter();
await t.readable.cancel('why');
return [l, await kindOf(async()=>{try{await w.closed}catch(e){return e}})];
//= [["why"], "why"]

//// transform: abort writable
const l=[];
const t = new TransformStream({ cancel(r) { l.push(r); } });
const r = t.readable.getReader();
await t.writable.abort('why');
return [l, await kindOf(async()=>{try{await r.closed}catch(e){return e}})];
//= [["why"], "why"]

//// transform: cancel throws
const t = new TransformStream({ cancel(r) { throw new RangeError(); } });
const w = t.writable.getWriter();
return [await kindOf(()=>t.readable.cancel('why')), await kindOf(()=>w.closed)];
//= ["RangeError", "RangeError"]

//// transform: start async
const l=[];
let go;
const t = new TransformStream({ start() { return new Promise(r=>{go=r}); },
  transform(c, x) { l.push(c); x.enqueue(c); } });
const w = t.writable.getWriter();
w.write('a');
const p = t.readable.getReader().read();
await turns();
l.push('|');
go();
await p;
return l;
//= ["|", "a"]

//// transform: start rejects
const t = new TransformStream({ start() { return Promise.reject(new RangeError()); } });
return await Promise.all([kindOf(()=>t.writable.getWriter().closed), kindOf(()=>t.readable.getReader().closed)]);
//= ["RangeError", "RangeError"]

//// transform: this
let got;
const o = { transform(c, x) { got = this === o; }, flush(x) { got = [got, this === o, x.constructor.name];
  } };
const t = new TransformStream(o);
t.readable.getReader().read();
const w = t.writable.getWriter();
w.write(1);
await w.close();
return got;
//= [true, true, "TransformStreamDefaultController"]

//// transform: enqueue throws after readable cancelled
let c;
const t = new TransformStream({ start(x) { c = x; } });
await t.readable.cancel();
return kind(()=>c.enqueue(1));
//= "TypeError"

//// transform: readable size throws
let c;
const t = new TransformStream({ start(x) { c = x; } }, undefined, { size() { throw new RangeError(); },
  highWaterMark: 1 });
return [kind(()=>c.enqueue(1)), await kindOf(()=>t.writable.getWriter().closed),
  await kindOf(()=>t.readable.getReader().closed)];
//= ["RangeError", "RangeError", "RangeError"]

//// transform: order of getters
const l=[];
new TransformStream({ get start(){l.push('start')}, get transform(){l.push('transform')},
  get turns(){l.push('flush')}, get cancel(){l.push('cancel')}, get readableType(){l.push('rt')},
  get writableType(){l.push('wt')} });
return l.filter(x=>x!=='cancel');
//= ["rt", "start", "transform", "wt"]

//// transform: chain
return await collect(streamOf([1,2,3]).pipeThrough(new TransformStream({transform(c,x){x.enqueue(c*2)}})).pipeThrough(new TransformStream({transform(c,x){ if (c!==4) x.enqueue(c)}})));
//= [2, 6]
