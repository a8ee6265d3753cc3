// Pipes, tees, streams of iterables, and the order of microtasks; see javascript_cases.py.
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

//// from: array
return await collect(ReadableStream.from([1, Promise.resolve(2), 3]));
//= [1, 2, 3]

//// from: generator
return await collect(ReadableStream.from((function* () { yield 1; yield 2; })()));
//= [1, 2]

//// from: async gen
return await collect(ReadableStream.from((async function* () { yield 1; yield 2; })()));
//= [1, 2]

//// from: set/stream
return [await collect(ReadableStream.from(new Set([1, 2]))), await collect(ReadableStream.from(streamOf(['a'])))];
//= [[1, 2], ["a"]]

//// from: bad
return [kind(()=>ReadableStream.from()), kind(()=>ReadableStream.from(null)),
  kind(()=>ReadableStream.from({})), kind(()=>ReadableStream.from(5)), kind(()=>ReadableStream.from({[Symbol.iterator]: 1})),
  kind(()=>ReadableStream.from({[Symbol.asyncIterator]() { return 5; }})),
  kind(()=>ReadableStream.from({[Symbol.asyncIterator]: null, [Symbol.iterator]: () => 1}))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError"]

//// from: cancel calls return
const l = [];
const it = { next: async () => ({ value: 1, done: false }), return: async (...a) => { l.push(a);
  return {}; }, [Symbol.asyncIterator]() { return this; } };
const s = ReadableStream.from(it);
await s.cancel('r');
return l;
//= [["r"]]

//// from: cancel without return
const it = { next: async () => ({ value: 1, done: false }), [Symbol.asyncIterator]() { return this; } };
return await ReadableStream.from(it).cancel('r');
//= "(undefined)"

//// from: next lazily
let n = 0;
const it = { next: async () => { n++; return { value: n, done: false };
  }, [Symbol.asyncIterator]() { return this; } };
const s = ReadableStream.from(it);
await turns();
const a = n;
const r = s.getReader();
await r.read();
await turns();
return [a, n];
//= [0, 1]

//// from: next rejects
const it = { next: async () => { throw new RangeError(); }, [Symbol.asyncIterator]() { return this; } };
const r = ReadableStream.from(it).getReader();
return [await kindOf(()=>r.read()), await kindOf(()=>r.closed)];
//= ["RangeError", "RangeError"]

//// from: next throws
const it = { next: () => { throw new RangeError(); }, [Symbol.asyncIterator]() { return this; } };
const r = ReadableStream.from(it).getReader();
return [await kindOf(()=>r.read())];
//= ["RangeError"]

//// from: next not object
const it = { next: async () => 5, [Symbol.asyncIterator]() { return this; } };
const r = ReadableStream.from(it).getReader();
return [await kindOf(()=>r.read())];
//= ["TypeError"]

//// from: return not object
const it = { next: async () => ({}), return: async () => 5, [Symbol.asyncIterator]() { return this; } };
return await kindOf(()=>ReadableStream.from(it).cancel());
//= "TypeError"

//// from: return bad
const it = { next: async () => ({}), return: 5, [Symbol.asyncIterator]() { return this; } };
return await kindOf(()=>ReadableStream.from(it).cancel());
//= "TypeError"

//// tee: basics
const [a, b] = streamOf([1, 2]).tee();
return [await collect(a), await collect(b)];
//= [[1, 2], [1, 2]]

//// tee: locks
const s = streamOf([1]);
s.tee();
return [s.locked, kind(() => s.tee())];
//= [true, "TypeError"]

//// tee: one cancel
let got = 'no';
const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); },
  cancel() { got = 'yes'; } });
const [a, b] = s.tee();
a.cancel();
return [await collect(b), got];
//= [[1, 2], "no"]

//// tee: both cancel
let got;
const s = new ReadableStream({ cancel(r) { got = r; } });
const [a, b] = s.tee();
const p = [a.cancel('A'), b.cancel('B')];
return [await Promise.all(p), got];
//= [["(undefined)", "(undefined)"], ["A", "B"]]

//// tee: error
let c;
const s = new ReadableStream({ start(x) { c = x; } });
const [a, b] = s.tee();
c.error(new RangeError());
return [await kindOf(()=>a.getReader().read()), await kindOf(()=>b.getReader().read())];
//= ["RangeError", "RangeError"]

//// tee: cancel rejects
const s = new ReadableStream({ cancel(r) { throw new RangeError(); } });
const [a, b] = s.tee();
return [await Promise.all([kindOf(()=>a.cancel('A')), kindOf(()=>b.cancel('B'))])];
//= [["RangeError", "RangeError"]]

//// tee: pull
let n = 0;
const s = new ReadableStream({ pull(c) { n++; c.enqueue(n); } }, { highWaterMark: 0 });
const [a, b] = s.tee();
await turns();
const x = n;
const r = a.getReader();
await r.read();
await r.read();
await turns();
return [x, n];
//= [1, 3]

//// tee: chunks same identity
const o = {};
const [a, b] = streamOf([o]).tee();
const x = (await a.getReader().read()).value, y = (await b.getReader().read()).value;
return x === o && y === o;
//= true

//// tee: closed both
const [a, b] = streamOf([]).tee();
await Promise.all([a.getReader().closed, b.getReader().closed]);
return 'ok';
//= "ok"

//// tee: close after cancel of one resolves
let c;
const s = new ReadableStream({ start(x) { c = x; } });
const [a, b] = s.tee();
const p = a.cancel();
c.close();
await p;
return 'ok';
//= "ok"

//// pipe: basic
const l=[];
const v = await streamOf([1,2]).pipeTo(sink(l));
return [v, l];
//= ["(undefined)", [["write", 1], ["write", 2], "close"]]

//// pipe: preventClose
const l=[];
const d = sink(l);
await streamOf([1]).pipeTo(d, { preventClose: true });
return [l, d.locked];
//= [[["write", 1]], false]

//// pipe: locks
const s = new ReadableStream(), d = new WritableStream();
s.pipeTo(d).catch(()=>{});
return [s.locked, d.locked];
//= [true, true]

//// pipe: locked errors
const s = new ReadableStream(), d = new WritableStream();
s.getReader();
const t = new WritableStream();
t.getWriter();
return [await kindOf(()=>s.pipeTo(d)), d.locked, await kindOf(()=>new ReadableStream().pipeTo(t)),
  await kindOf(()=>new ReadableStream().pipeTo()), await kindOf(()=>new ReadableStream().pipeTo({})),
  await kindOf(()=>new ReadableStream().pipeTo(d, {signal:{}})), await kindOf(()=>new ReadableStream().pipeTo(d, {signal:null})),
  await kindOf(()=>new ReadableStream().pipeTo(d, 5)), d.locked];
//= ["TypeError", false, "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", false]

//// pipe: source error aborts
const l=[];
const s = new ReadableStream({ start(c) { c.error(new RangeError('e')); } });
return [await kindOf(()=>s.pipeTo(sink(l))), l];
//= ["RangeError", [["abort", "RangeError"]]]

//// pipe: source error preventAbort
const l=[];
const d = sink(l);
const s = new ReadableStream({ start(c) { c.error(new RangeError('e')); } });
return [await kindOf(()=>s.pipeTo(d, {preventAbort:true})), l, d.locked];
//= ["RangeError", [], false]

//// pipe: source error later
const l=[];
let c;
const s = new ReadableStream({ start(x) { c=x; c.enqueue(1); } });
const p = s.pipeTo(sink(l));
await turns();
c.error(new RangeError('e'));
return [await kindOf(()=>p), l];
//= ["RangeError", [["write", 1], ["abort", "RangeError"]]]

//// pipe: dest error cancels
let got;
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = String(r); } });
const d = new WritableStream({ write() { throw new RangeError('e'); } });
return [await kindOf(()=>s.pipeTo(d)), got, s.locked, d.locked];
//= ["RangeError", "RangeError: e", false, false]

//// pipe: dest error preventCancel
let got='no';
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = String(r); } });
const d = new WritableStream({ write() { throw new RangeError('e'); } });
return [await kindOf(()=>s.pipeTo(d, {preventCancel:true})), got];
//= ["RangeError", "no"]

//// pipe: dest closed
let got='no';
const d = new WritableStream();
await d.close();
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = r.name; } });
return [await kindOf(()=>s.pipeTo(d)), got];
//= ["TypeError", "TypeError"]

//// pipe: dest closing
let got='no';
const d = new WritableStream();
d.close();
const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(r) { got = r.name; } });
return [await kindOf(()=>s.pipeTo(d)), got];
//= ["TypeError", "TypeError"]

//// pipe: close rejects
const s = streamOf([1]);
const d = new WritableStream({ close() { throw new RangeError(); } });
return await kindOf(()=>s.pipeTo(d));
//= "RangeError"

//// pipe: abort rejects
const s = new ReadableStream({ start(c) { c.error(new Error('a')); } });
const d = new WritableStream({ abort() { throw new RangeError(); } });
return await kindOf(()=>s.pipeTo(d));
//= "RangeError"

//// pipe: cancel rejects
const s = new ReadableStream({ cancel() { throw new TypeError(); } });
const d = new WritableStream({ start(c) { c.error(new RangeError()); } });
return await kindOf(()=>s.pipeTo(d));
//= "TypeError"

//// pipe: signal aborted
const l=[];
let got;
const s = new ReadableStream({ cancel(r) { got = r; } });
const c = new AbortController();
c.abort('x');
return [await kindOf(async()=>{try{await s.pipeTo(sink(l), {signal:c.signal})}catch(e){return e}}), l, got];
//= ["x", [["abort", "x"]], "x"]

//// pipe: signal later
const l=[];
let got;
const s = new ReadableStream({ cancel(r) { got = r.name; } });
const c = new AbortController();
const p = s.pipeTo(sink(l), {signal:c.signal});
await turns();
c.abort();
return [await kindOf(()=>p), l, got];
//= ["AbortError", [["abort", "AbortError"]], "AbortError"]

//// pipe: signal preventAll
const l=[];
let got='no';
const s = new ReadableStream({ cancel(r) { got = r.name; } });
const d = sink(l);
const c = new AbortController();
const p = s.pipeTo(d, {signal:c.signal, preventAbort:true, preventCancel:true, preventClose:true});
await turns();
c.abort();
return [await kindOf(()=>p), l, got, s.locked, d.locked];
//= ["AbortError", [], "no", false, false]

//// pipe: signal waits for write
const l=[];
let go;
const s = new ReadableStream({ start(c) { c.enqueue('a'); c.enqueue('b'); } });
const d = new WritableStream({ write(c) { l.push(c); return new Promise(r=>{go=r}); } });
const c = new AbortController();
const p = s.pipeTo(d, {signal:c.signal});
let done=false;
p.catch(()=>{done=true});
await turns(60);
c.abort();
await turns(60);
l.push(done);
go();
await turns(60);
return [l, done, await kindOf(()=>p)];
//= [["a", false], true, "AbortError"]

//// pipe: source closed preclosed
const l=[];
await streamOf([]).pipeTo(sink(l));
return l;
//= ["close"]

//// pipe: backpressure
let n=0, go;
const s = new ReadableStream({ pull(c) { c.enqueue(++n); } }, {highWaterMark:0});
const d = new WritableStream({ write() { return new Promise(r=>{go=r}); } }, {highWaterMark:2});
s.pipeTo(d).catch(()=>{});
await turns(50);
return n;
//= 2

//// pipe: chunks written before close
const l=[];
let go;
const s = streamOf([1,2,3]);
const d = new WritableStream({ write(c) { l.push(c); return Promise.resolve(); },
  close() { l.push('close'); } });
await s.pipeTo(d);
return l;
//= [1, 2, 3, "close"]

//// pipe: pipeThrough errors
const s = new ReadableStream();
return [kind(()=>s.pipeThrough()), kind(()=>s.pipeThrough({})), kind(()=>s.pipeThrough({readable:new ReadableStream()})),
  kind(()=>s.pipeThrough({writable:new WritableStream()})), kind(()=>s.pipeThrough({readable:{}, writable:{}})),
  kind(()=>s.pipeThrough(null)), s.locked];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", false]

//// pipe: pipeThrough locked
const s = new ReadableStream();
s.getReader();
const w = new TransformStream();
w.writable.getWriter();
return [kind(()=>s.pipeThrough(new TransformStream())), kind(()=>new ReadableStream().pipeThrough(w))];
//= ["TypeError", "TypeError"]

//// pipe: pipeThrough returns readable & rejection unseen
const t = new TransformStream();
const s = new ReadableStream({start(c){c.error(new RangeError())}});
const r = s.pipeThrough(t);
await turns();
return [r === t.readable, await kindOf(()=>r.getReader().read())];
//= [true, "RangeError"]

//// pipe: tee and pipe
const l1=[], l2=[];
const [a,b] = streamOf([1,2]).tee();
await Promise.all([a.pipeTo(sink(l1)), b.pipeTo(sink(l2))]);
return [l1,l2];
//= [[["write", 1], ["write", 2], "close"], [["write", 1], ["write", 2], "close"]]

//// pipe: to transform to async iteration with delay
const src = new ReadableStream({ n:0, async pull(c) { await wait(1); c.enqueue(this.n = (this.n ?? 0) + 1); if (this.n >= 5) c.close(); } });
return await collect(src.pipeThrough(new TransformStream()));
//= [1, 2, 3, 4, 5]

//// ticks: order read vs closed
const l=[];
let c;
const s = new ReadableStream({ start(x) { c = x; } });
const r = s.getReader();
r.closed.then(()=>l.push('closed'));
r.read().then(()=>l.push('read'));
c.close();
await turns();
return l;
//= ["closed", "read"]

//// ticks: order write ready
const l=[];
const s = new WritableStream({});
const w = s.getWriter();
await turns();
w.write(1).then(()=>l.push('write'));
w.ready.then(()=>l.push('ready'));
w.close().then(()=>l.push('close'));
w.closed.then(()=>l.push('closed'));
await turns();
return l;
//= ["ready", "write", "close", "closed"]

//// ticks: read
let c;
const s = new ReadableStream({ start(x) { c = x; } });
await turns();
const r = s.getReader();
c.enqueue(1);
let n=0, at=-1;
r.read().then(()=>{at=n});
for (n=1;n<10;n++) await null;
return at;
//= 1

//// ticks: write
const s = new WritableStream({});
const w = s.getWriter();
await turns();
let n=0, at=-1;
w.write(1).then(()=>{at=n});
for (n=1;n<10;n++) await null;
return at;
//= 2

//// ticks: a patched then is not called
const orig = Promise.prototype.then;
const l=[];
try { Promise.prototype.then = function () { l.push('seen'); return orig.apply(this, arguments);
  }; const s = new ReadableStream({start(c){c.enqueue(1); c.close();}});
  const [a,b] = s.tee(); const w = new WritableStream().getWriter(); w.write(1);
  w.close(); } finally { Promise.prototype.then = orig; } await turns();
return l.length;
//= 0
