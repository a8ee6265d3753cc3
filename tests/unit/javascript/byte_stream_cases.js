// Cases of byte streams: what each returns, as JSON, and what it has to be. The values are those of
// Node.js 20.20, but for respond_errors, where Node does not do as the standard says.
const cases = {
  bytes_default: [`[[false,[1,2,3]],[true,null]]`, async () => {
    const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1,2,3])); c.close(); } });
    const r = s.getReader();
    return [await r.read(), await r.read()].map((x) => [x.done, x.value && [...x.value]]);
  }],
  byob_queue: [`[[1,2],[1027],"DataView",1]`, async () => {
    const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1,2,3,4,5])); } });
    const r = s.getReader({ mode: 'byob' });
    const a = await r.read(new Uint8Array(2));
    const b = await r.read(new Uint16Array(1));
    const c = await r.read(new DataView(new ArrayBuffer(4)));
    return [[...a.value], [...b.value], c.value.constructor.name, c.value.byteLength];
  }],
  byob_pull_respond: [`[[[4,0]],[7],4]`, async () => {
    let seen = [];
    const s = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest.view; seen.push([v.byteLength, v.byteOffset]); v[0] = 7; c.byobRequest.respond(1); } });
    const r = s.getReader({ mode: 'byob' });
    const a = await r.read(new Uint8Array(4));
    return [seen, [...a.value], a.value.buffer.byteLength];
  }],
  byob_min: [`[3,[1,2,3]]`, async () => {
    let n = 0;
    const s = new ReadableStream({ type: 'bytes', pull(c) { n++; const v = c.byobRequest.view; v[0] = n; c.byobRequest.respond(1); } });
    const r = s.getReader({ mode: 'byob' });
    const a = await r.read(new Uint8Array(4), { min: 3 });
    return [n, [...a.value]];
  }],
  byob_new_view: [`[9,0]`, async () => {
    const s = new ReadableStream({ type: 'bytes', pull(c) { const v = c.byobRequest.view; const b = v.buffer.transfer ? v.buffer.transfer() : structuredClone(v.buffer, { transfer: [v.buffer] }); const w = new Uint8Array(b, 0, 2); w[0] = 9; c.byobRequest.respondWithNewView(w); } });
    const r = s.getReader({ mode: 'byob' });
    const a = await r.read(new Uint8Array(4));
    return [...a.value];
  }],
  byob_element_split: [`[[513],[3]]`, async () => {
    const s = new ReadableStream({ type: 'bytes', start(c) { this.c = c; }, pull(c) { const v = c.byobRequest.view; v[0] = 1; v[1] = 2; v[2] = 3; c.byobRequest.respond(3); } });
    const r = s.getReader({ mode: 'byob' });
    const a = await r.read(new Uint16Array(2));
    r.releaseLock();
    const d = s.getReader();
    const b = await d.read();
    return [[...a.value], [...b.value]];
  }],
  close_mid_element: [`["TypeError","TypeError"]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    const r = s.getReader({ mode: 'byob' });
    const p = r.read(new Uint16Array(1)).then(() => 'ok', (e) => e.name);
    c.byobRequest.respond(1);
    let t;
    try { c.close(); } catch (e) { t = e.name; } return [t, await p];
  }],
  close_pending_byob: [`[["closed","read"],true,0,3]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    const r = s.getReader({ mode: 'byob' });
    const p = r.read(new Uint8Array(3));
    c.close();
    const order = [];
    p.then(() => order.push('read'));
    await r.closed;
    order.push('closed');
    c.byobRequest.respond(0);
    const x = await p;
    return [order, x.done, x.value.length, x.value.buffer.byteLength];
  }],
  cancel_pending_byob: [`[true,true]`, async () => {
    const s = new ReadableStream({ type: 'bytes', cancel(r) { this.r = r; } });
    const r = s.getReader({ mode: 'byob' });
    const p = r.read(new Uint8Array(3));
    await r.cancel('x');
    const x = await p;
    return [x.done, x.value === undefined];
  }],
  auto_allocate: [`[8,[5],8]`, async () => {
    let v;
    const s = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 8, pull(c) { v = c.byobRequest.view.byteLength; c.byobRequest.view[0] = 5; c.byobRequest.respond(1); } });
    const x = await s.getReader().read();
    return [v, [...x.value], x.value.buffer.byteLength];
  }],
  enqueue_with_pending_byob: [`[[1,2],[3]]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    const r = s.getReader({ mode: 'byob' });
    const p = r.read(new Uint8Array(2));
    const q = r.read(new Uint8Array(2));
    c.enqueue(new Uint8Array([1,2,3]));
    return [[...(await p).value], [...(await q).value]];
  }],
  release_with_pending: [`["TypeError",2,[3]]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    const r = s.getReader({ mode: 'byob' });
    const p = r.read(new Uint8Array(2)).catch((e) => e.name);
    r.releaseLock();
    const name = await p;
    const view = c.byobRequest.view.byteLength;
    c.byobRequest.view[0] = 3;
    c.byobRequest.respond(1);
    const x = await s.getReader().read();
    return [name, view, [...x.value]];
  }],
  errors: [`["TypeError","RangeError","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError","TypeError"]`, async () => {
    const t = [];
    const e = (f) => { try { f(); t.push('none'); } catch (x) { t.push(x.name); } };
    e(() => new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 0 }));
    e(() => new ReadableStream({ type: 'bytes' }, { size() {} }));
    e(() => new ReadableStream({ type: 'x' }));
    e(() => new ReadableStream({ type: 'bytes' }).getReader({ mode: 'x' }));
    e(() => new ReadableStream().getReader({ mode: 'byob' }));
    let c;
    new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    e(() => c.enqueue(new Uint8Array(0)));
    e(() => c.enqueue('x'));
    e(() => c.enqueue());
    c.close();
    e(() => c.close());
    e(() => c.enqueue(new Uint8Array(1)));
    e(() => new ReadableByteStreamController());
    e(() => new ReadableStreamBYOBRequest());
    return t;
  }],
  read_errors: [`["TypeError","TypeError","TypeError","TypeError","RangeError","RangeError","RangeError"]`, async () => {
    const s = new ReadableStream({ type: 'bytes' });
    const r = s.getReader({ mode: 'byob' });
    const t = [];
    for (const a of [[], [new Uint8Array(0)], ['x'], [new Uint8Array(1), { min: 0 }], [new Uint8Array(1), { min: 2 }], [new Uint16Array(2), { min: 3 }], [new DataView(new ArrayBuffer(2)), { min: 3 }]]) t.push(await r.read(...a).then(() => 'ok', (e) => e.name));
    return t;
  }],
  detached: [`0`, async () => {
    const s = new ReadableStream({ type: 'bytes', start(c) { const u = new Uint8Array([1,2]); c.enqueue(u); this.u = u; this.length = u.length; c.close(); } });
    const v = new Uint8Array(4);
    const r = s.getReader({ mode: 'byob' });
    await r.read(v);
    return v.byteLength;
  }],
  desired: [`[5,2,-1,null]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } }, { highWaterMark: 5 });
    const t = [c.desiredSize];
    c.enqueue(new Uint8Array(3));
    t.push(c.desiredSize);
    c.enqueue(new Uint8Array(3));
    t.push(c.desiredSize);
    c.error(new Error('a'));
    t.push(c.desiredSize);
    return t;
  }],
  respond_errors: [`["TypeError","RangeError","TypeError","TypeError",true,null,null,"TypeError"]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    const r = s.getReader({ mode: 'byob' });
    r.read(new Uint8Array(2));
    const t = [];
    const q = c.byobRequest;
    for (const n of [0, 3, -1, NaN]) { try { q.respond(n); t.push('ok'); } catch (e) { t.push(e.name); } } t.push(q === c.byobRequest);
    q.respond(2);
    t.push(q.view, c.byobRequest);
    try { q.respond(1); } catch (e) { t.push(e.name); } return t;
  }],
  tee_bytes: [`[[[1,2],[3]],[[1,2],[3]]]`, async () => {
    const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1,2])); c.enqueue(new Uint8Array([3])); c.close(); } });
    const [a, b] = s.tee();
    const all = async (x) => { const o = []; for await (const y of x) o.push([...y]); return o; };
    const got = await Promise.all([all(a), all(b)]);
    return got;
  }],
  tee_cancel: [`[true,["a","b"]]`, async () => {
    let why;
    const s = new ReadableStream({ type: 'bytes', cancel(r) { why = r; } });
    const [a, b] = s.tee();
    const p = a.cancel('a');
    await Promise.resolve();
    const w = why;
    await Promise.all([p, b.cancel('b')]);
    return [w === undefined, why];
  }],
  tee_error: [`["bad","bad"]`, async () => {
    let c;
    const s = new ReadableStream({ type: 'bytes', start(x) { c = x; } });
    const [a, b] = s.tee();
    const p = [a, b].map((x) => x.getReader().read().catch((e) => e.message));
    c.error(new Error('bad'));
    return Promise.all(p);
  }],
  tee_byob: [`[[1,2],[3],true,0]`, async () => {
    const s = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1,2,3])); c.close(); } });
    const [a, b] = s.tee();
    const r = a.getReader({ mode: 'byob' });
    const x = await r.read(new Uint8Array(2));
    const y = await r.read(new Uint8Array(2));
    const z = await r.read(new Uint8Array(2));
    return [[...x.value], [...y.value], z.done, z.value && z.value.length];
  }],
  pull_error: [`"p"`, async () => {
    const s = new ReadableStream({ type: 'bytes', pull() { throw new Error('p'); } });
    return s.getReader().read().catch((e) => e.message);
  }],
  start_error: [`"s"`, async () => {
    const s = new ReadableStream({ type: 'bytes', start() { return Promise.reject(new Error('s')); } });
    return s.getReader({ mode: 'byob' }).read(new Uint8Array(1)).catch((e) => e.message);
  }],
  pipe_bytes: [`[[1],"close"]`, async () => {
    const got = [];
    await new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1])); c.close(); } }).pipeTo(new WritableStream({ write(x) { got.push([...x]); }, close() { got.push('close'); } }));
    return got;
  }],
  iterate_bytes: [`false`, async () => {
    const s = new ReadableStream({ type: 'bytes', pull(c) { c.enqueue(new Uint8Array([1])); } });
    for await (const x of s) { if (x[0]) break; } return s.locked;
  }],
  blob_stream: [`[[97,98,99,100,101,102],true,0]`, async () => {
    const r = new Blob(['abc', 'def']).stream().getReader({ mode: 'byob' });
    const a = await r.read(new Uint8Array(10), { min: 6 });
    const b = await r.read(new Uint8Array(4));
    return [[...a.value], b.done, b.value.length];
  }],
  response_byob: [`[5,true]`, async () => {
    const r = new Response('hello').body.getReader({ mode: 'byob' });
    const a = await r.read(new Uint8Array(5));
    const b = await r.read(new Uint8Array(5));
    return [a.value.length, b.done];
  }],
  response_used: [`[false,false,true,"TypeError",true,"TypeError"]`, async () => {
    const r = new Response('hello');
    const t = [r.bodyUsed];
    const reader = r.body.getReader();
    t.push(r.bodyUsed, r.body.locked);
    const p = await r.text().catch((e) => e.name);
    t.push(p);
    await reader.read();
    t.push(r.bodyUsed);
    reader.releaseLock();
    t.push(await r.text().catch((e) => e.name));
    return t;
  }],
  response_clone_locked: [`"TypeError"`, async () => {
    const r = new Response('x');
    r.body.getReader();
    try { r.clone(); return 'ok'; } catch (e) { return e.name; }
  }],
};
