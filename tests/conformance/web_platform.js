// Blob, text, URLs, clones, HTTP classes and timers; see javascript_cases.py.

//// blob slices
const b = new Blob(['hello world']);
return [b.slice(0, 5).size, b.slice(-5).size, b.slice(2, -2).size, b.slice(5,
  2).size, b.slice(undefined, undefined, 'Text/Plain').type, b.slice(0,1,
  null).type, b.slice('2').size, b.slice(null).size];
//= [5, 5, 7, 0, "text/plain", "null", 9, 11]

//// blob slice bigint
return [kind(() => new Blob(['a']).slice(1n))];
//= ["TypeError"]

//// blob types
return [new Blob([], {type:'TEXT/X'}).type, new Blob([], {type:'\u00e9'}).type,
  new Blob([], {type:null}).type, new Blob([], {type:undefined}).type, kind(()=>new Blob([], 5)),
  kind(()=>new Blob([], null).type), kind(()=>new Blob([], {endings:'x'}))];
//= ["text/x", "", "null", "", "TypeError", "", "TypeError"]

//// blob parts
return await Promise.all([new Blob([1, null, undefined, {}]).text(), new Blob(new Set(['a','b'])).text(),
  new Blob(['\ud800']).text(), new Blob([new Blob(['x']), 'y']).text(), new Blob([['a','b']]).text(),
  new Blob([new Uint16Array([65,66])]).text()]);
//= ["1nullundefined[object Object]", "ab", "\ufffd", "xy", "a,b", "A\u0000B\u0000"]

//// blob ctor bad
return [kind(()=>new Blob('x')), kind(()=>new Blob({})), kind(()=>new Blob(null)),
  kind(()=>new Blob(5)), kind(()=>Blob([])), typeof kind(()=>new Blob(new String('ab')))];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "object"]

//// blob methods
return [Object.keys(Blob.prototype).sort(), Blob.length, Blob.prototype.slice.length,
  String(new Blob()), await kindOf(()=>Blob.prototype.text.call({})), await kindOf(()=>Blob.prototype.arrayBuffer.call({}))];
//= [["arrayBuffer", "bytes", "size", "slice", "stream", "text", "type"], 0, 0, "[object Blob]", "TypeError", "TypeError"]

//// blob own buffers
const u = new Uint8Array([1,2]);
const b = new Blob([u]);
u[0] = 9;
return [...new Uint8Array(await b.arrayBuffer())];
//= [1, 2]

//// blob endings
return await new Blob(['a\r\nb\rc\n'], { endings: 'native' }).text();
//= "a\nb\nc\n"

//// encoder
return [[...new TextEncoder().encode('é€😀\ud800')], new TextEncoder().encode().length,
  new TextEncoder().encode(undefined).length, new TextEncoder().encode(null).length,
  new TextEncoder().encoding, TextEncoder.length, TextEncoder.prototype.encode.length,
  TextEncoder.prototype.encodeInto.length, kind(()=>TextEncoder())];
//= [[195, 169, 226, 130, 172, 240, 159, 152, 128, 239, 191, 189], 0, 0, 4, "utf-8", 0, 0, 2, "TypeError"]

//// encodeInto
const d = new Uint8Array(4);
return [new TextEncoder().encodeInto('é€x', d), [...d], new TextEncoder().encodeInto('😀',
  new Uint8Array(3)), new TextEncoder().encodeInto('a\ud800b', new Uint8Array(9)),
  kind(()=>new TextEncoder().encodeInto('a')), kind(()=>new TextEncoder().encodeInto('a', [])),
  kind(()=>new TextEncoder().encodeInto('a', new Int8Array(3)))];
//= [{"read": 1, "written": 2}, [195, 169, 0, 0], {"read": 0, "written": 0}, {"read": 3, "written": 5}, "TypeError", "TypeError", "TypeError"]

//// decoder
return [new TextDecoder().decode(new Uint8Array([0xEF,0xBB,0xBF,65])), new TextDecoder('utf-8',
  {ignoreBOM:true}).decode(new Uint8Array([0xEF,0xBB,0xBF,65])).length, new TextDecoder().decode(new Uint8Array([0xff,65])),
  kind(()=>new TextDecoder('utf-8',{fatal:true}).decode(new Uint8Array([0xff]))),
  kind(()=>new TextDecoder('x')), new TextDecoder('UTF8').encoding, new TextDecoder(' latin1 ').encoding,
  new TextDecoder('utf-16le').decode(new Uint8Array([65,0])), new TextDecoder().decode(),
  kind(()=>new TextDecoder().decode('a')), kind(()=>new TextDecoder().decode(null)),
  TextDecoder.length, TextDecoder.prototype.decode.length];
//= ["A", 2, "\ufffdA", "TypeError", "RangeError", "utf-8", "windows-1252", "A", "", "TypeError", "TypeError", 0, 0]

//// decoder stream
const d = new TextDecoder();
return [d.decode(new Uint8Array([0xe2,0x82]),{stream:true}), d.decode(new Uint8Array([0xac]),
  {stream:true}), d.decode(new Uint8Array([0xe2])), d.decode(new Uint8Array([0xf0,0x9f]),
  {stream:true}), d.decode()];
//= ["", "\u20ac", "\ufffd", "", "\ufffd"]

//// decoder truncated forms
return [[0xf0,0x80,0x80,0x80],[0xed,0xa0,0x80],[0xf4,0x90,0x80,0x80],[0xc0,
  0x80],[0xe0,0x80],[0xf0,0x9f,0x41]].map(a=>[...new TextDecoder().decode(new Uint8Array(a))].map(c=>c.codePointAt(0).toString(16)).join());
//= ["fffd,fffd,fffd,fffd", "fffd,fffd,fffd", "fffd,fffd,fffd,fffd", "fffd,fffd", "fffd,fffd", "fffd,41"]

//// structuredClone
const m = structuredClone({a:[1,{b:new Date(5)}], m:new Map([[1,{x:2}]]),
  s:new Set([3]), r:/x/gi, e:new RangeError('bad'), big:10n, u:undefined,
  ab:new Uint8Array([1,2])});
return [m.a[1].b.getTime(), m.m.get(1).x, m.s.has(3), String(m.r), m.e.name,
  m.e.message, m.e instanceof RangeError, m.big, 'u' in m, m.ab.constructor.name,
  m.ab[1]];
//= [5, 2, true, "/x/gi", "RangeError", "bad", true, "10n", true, "Uint8Array", 2]

//// structuredClone bad
return [kind(()=>structuredClone(()=>1)), kind(()=>structuredClone(Symbol())),
  kind(()=>structuredClone()), kind(()=>structuredClone({f(){}})), kind(()=>structuredClone(new WeakMap())),
  kind(()=>structuredClone(Promise.resolve())), (()=>{try{structuredClone(()=>1)}catch(e){return [e.code, e.constructor.name]}})()];
//= ["DataCloneError", "DataCloneError", "TypeError", "DataCloneError", "DataCloneError", "DataCloneError", [25, "DOMException"]]

//// structuredClone transfer
const b = new ArrayBuffer(4);
const c = structuredClone({b}, {transfer:[b]});
return [b.byteLength, c.b.byteLength, kind(()=>structuredClone(b,{transfer:[b]})),
  kind(()=>structuredClone(1,{transfer:[5]})), kind(()=>{const x=new ArrayBuffer(1); structuredClone(1,{transfer:[x,x]})})];
//= [0, 4, "DataCloneError", "TypeError", "DataCloneError"]

//// structuredClone identity
const o={};
const c=structuredClone({x:o,y:o});
const cyc={};
cyc.self=cyc;
const d=structuredClone(cyc);
return [c.x===c.y, d.self===d, structuredClone.length];
//= [true, true, 1]

//// structuredClone proto getter
class A { constructor(){this.x=1} get y(){return 2} };
const c=structuredClone(new A());
return [c instanceof A, Object.keys(c), c.x, structuredClone({get z(){return 3}}).z,
  structuredClone([1,,3]).length, 1 in structuredClone([1,,3]), structuredClone(Object.assign([1],{k:2})).k];
//= [false, ["x"], 1, 3, 3, false, 2]

//// structuredClone prims
return [structuredClone(new String('a')) instanceof String, structuredClone(new Number(1)) instanceof Number,
  structuredClone(new Boolean(false)).valueOf(), typeof structuredClone(Object(1n)),
  Object.is(structuredClone(-0),-0), structuredClone(null), kind(()=>structuredClone(Object(Symbol())))];
//= [true, true, false, "object", true, null, "DataCloneError"]

//// structuredClone resizable
const b=new ArrayBuffer(2,{maxByteLength:8});
const c=structuredClone(b);
return [c.resizable, c.maxByteLength, structuredClone(new DataView(new ArrayBuffer(4),1,2)).byteOffset];
//= [true, 8, 1]

//// DOMException
const e = new DOMException('m','AbortError');
return [e.name,e.message,e.code,String(e),e instanceof Error,Object.prototype.toString.call(e),
  DOMException.ABORT_ERR,e.ABORT_ERR,DOMException.length,new DOMException().name,
  new DOMException().code,new DOMException('a','Foo').code,kind(()=>DOMException()),
  new DOMException(undefined,undefined).name, new DOMException('x', 'DataCloneError').code,
  typeof e.stack, Object.keys(e), Object.keys(DOMException.prototype).slice(0,
  3)];
//= ["AbortError", "m", 20, "AbortError: m", true, "[object DOMException]", 20, 20, 0, "Error", 0, 0, "TypeError", "Error", 25, "string", [], ["name", "message", "code"]]

//// DOMException toString
return [new DOMException('m','N').toString(), Object.prototype.hasOwnProperty.call(new DOMException('m'),
  'message'), kind(()=>Object.getOwnPropertyDescriptor(DOMException.prototype,'name').get.call({}))];
//= ["N: m", false, "TypeError"]

//// URL basics
const u = new URL('http://user:pa%20ss@EXAMPLE.com:8080/a/../b?x=1#h');
return [u.href,u.origin,u.protocol,u.username,u.password,u.host,u.hostname,
  u.port,u.pathname,u.search,u.hash,String(u),JSON.stringify(u)];
//= ["http://user:pa%20ss@example.com:8080/b?x=1#h", "http://example.com:8080", "http:", "user", "pa%20ss", "example.com:8080", "example.com", "8080", "/b", "?x=1", "#h", "http://user:pa%20ss@example.com:8080/b?x=1#h", "\"http://user:pa%20ss@example.com:8080/b?x=1#h\""]

//// URL setters
const u = new URL('http://a/b');
u.port='99999';
u.port='81x';
const r=[u.port];
u.protocol='https';
u.host='x:1';
u.hash='q';
u.search='';
u.pathname='é';
u.username='ü';
u.hostname='';
u.protocol='foo';
r.push(u.href);
u.port='';
r.push(u.href);
return r;
//= ["81", "https://%C3%BC@x:1/%C3%A9#q", "https://%C3%BC@x/%C3%A9#q"]

//// URL statics
return [URL.canParse('x'), URL.canParse('x','http://a'), typeof URL.parse,
  URL.length, kind(()=>URL('http://a')), kind(()=>new URL()), kind(()=>new URL('x')),
  kind(()=>new URL('x','y')), (()=>{try{new URL('x')}catch(e){return e.constructor.name}})(),
  Object.keys(URL.prototype).sort(), kind(()=>URL.canParse())];
//= [false, true, "function", 1, "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", ["hash", "host", "hostname", "href", "origin", "password", "pathname", "port", "protocol", "search", "searchParams", "toJSON", "toString", "username"], "TypeError"]

//// URL search params live
const u = new URL('http://a/?x=1&x=2');
u.searchParams.append('y','a b&');
u.searchParams.delete('x','1');
return [u.search, u.searchParams === u.searchParams, u.searchParams.size];
//= ["?x=2&y=a+b%26", true, 2]

//// USP
const p = new URLSearchParams('?a=1&b=2&a=3&=x&c&%zz=%41+');
return [[...p], p.get('a'), p.getAll('a'), p.has('c'), p.has('a','3'), p.get('nope'),
  String(p), p.size, kind(()=>p.get()), kind(()=>p.append('a'))];
//= [[["a", "1"], ["b", "2"], ["a", "3"], ["", "x"], ["c", ""], ["%zz", "A "]], "1", ["1", "3"], true, true, null, "a=1&b=2&a=3&=x&c=&%25zz=A+", 6, "TypeError", "TypeError"]

//// USP ctor
return [String(new URLSearchParams([['a','b'],['c','d']])), String(new URLSearchParams({x:1,y:'ü'})),
  String(new URLSearchParams(new Map([['m',1]]))), kind(()=>new URLSearchParams([['a']])),
  kind(()=>new URLSearchParams([5])), String(new URLSearchParams(null)),
  String(new URLSearchParams(undefined)), String(new URLSearchParams(5)),
  kind(()=>URLSearchParams()), String(new URLSearchParams(new URLSearchParams('q=1')))];
//= ["a=b&c=d", "x=1&y=%C3%BC", "m=1", "TypeError", "TypeError", "null=", "", "5=", "TypeError", "q=1"]

//// USP sort & foreach
const p = new URLSearchParams('z=1&a=2&z=0&\ud83d\ude00=1&\uffff=2');
p.sort();
const l=[];
p.forEach(function(v,k,q){ l.push([k,v,q===p,this===9]) }, 9);
return [String(p), l.length, l[0].slice(1,3), [...p.keys()].length, [...p.values()].length,
  p.entries()[Symbol.toStringTag], p[Symbol.iterator]===p.entries];
//= ["a=2&z=1&z=0&%F0%9F%98%80=1&%EF%BF%BF=2", 5, ["2", true], 5, 5, "URLSearchParams Iterator", true]

//// USP set/delete
const p=new URLSearchParams('a=1&b=2&a=3');
p.set('a','x');
p.delete('b');
p.set('n','m');
return [String(p), URLSearchParams.prototype.get.length, URLSearchParams.length,
  Object.prototype.toString.call(p)];
//= ["a=x&n=m", 1, 0, "[object URLSearchParams]"]

//// USP encode
return [String(new URLSearchParams([["a~!'()*-._ b","é&=+%\u0000"]]))];
//= ["a%7E%21%27%28%29*-._+b=%C3%A9%26%3D%2B%25%00"]

//// USP iterate while deleting
const p=new URLSearchParams('a=1&b=2&c=3');
const l=[];
for (const [k] of p) { l.push(k); if (k==='a') p.delete('b'); } return l;
//= ["a", "c"]

//// atob btoa
return [atob('YQ=='), atob(' Y Q '), atob('YQ'), kind(()=>atob('Y')), kind(()=>atob('YQ=')),
  kind(()=>atob('Y*Q=')), btoa('a\xff'), kind(()=>btoa('é€')), btoa(''),
  btoa(null), atob(null), kind(()=>atob()), kind(()=>btoa()), atob.length];
//= ["a", "a", "a", "InvalidCharacterError", "InvalidCharacterError", "InvalidCharacterError", "Yf8=", "InvalidCharacterError", "", "bnVsbA==", "\u009e\u00e9e", "TypeError", "TypeError", 1]

//// crypto
return [crypto.getRandomValues(new Uint8Array(3)).length, kind(()=>crypto.getRandomValues(new Float32Array(1))),
  kind(()=>crypto.getRandomValues(new Uint8Array(65537))), kind(()=>crypto.getRandomValues([])),
  kind(()=>crypto.getRandomValues()), crypto.randomUUID().length, kind(()=>crypto.getRandomValues(new DataView(new ArrayBuffer(1)))),
  crypto.getRandomValues(new BigInt64Array(1)).length, String(crypto)];
//= [3, "TypeMismatchError", "QuotaExceededError", "TypeError", "TypeError", 36, "TypeMismatchError", 1, "[object Crypto]"]

//// Headers
const h=new Headers({A:'1','b':' 2 '});
h.append('a','3');
h.set('C','x');
return [[...h], h.get('a'), h.has('B'), h.get('zz'), kind(()=>h.set('a b','x')),
  kind(()=>h.set('a','\n x\u0100')), kind(()=>new Headers([['a']])), kind(()=>new Headers(5)),
  String(h), [...new Headers([['x','1'],['x','2']])], (h.delete('a'),h.has('a'))];
//= [[["a", "1, 3"], ["b", "2"], ["c", "x"]], "1, 3", true, null, "TypeError", "TypeError", "TypeError", "TypeError", "[object Headers]", [["x", "1, 2"]], false]

//// Headers cookies
const h=new Headers();
h.append('set-cookie','a=1');
h.append('set-cookie','b=2');
return [[...h], h.getSetCookie?.()];
//= [[["set-cookie", "a=1"], ["set-cookie", "b=2"]], ["a=1", "b=2"]]

//// Response
const r=new Response('hi',{status:201,headers:{x:'y'}});
return [r.status,r.ok,r.headers.get('content-type'),await r.clone().text(),
  await r.text(),r.bodyUsed,await kindOf(()=>r.text()),kind(()=>new Response('',{status:99})),
  kind(()=>new Response('x',{status:204})),r.type,r.url,r.statusText,r.redirected,
  kind(()=>new Response('',{status:'x'}))];
//= [201, true, "text/plain;charset=UTF-8", "hi", "hi", true, "TypeError", "RangeError", "TypeError", "default", "", "", false, "RangeError"]

//// performance
return [typeof performance.now(), typeof performance.timeOrigin, performance.mark('a').entryType,
  performance.measure('m','a').name, performance.getEntriesByName('a').length,
  (performance.clearMarks(), performance.getEntriesByType('mark').length),
  kind(()=>performance.mark()), kind(()=>performance.measure('x','nope')),
  String(performance)];
//= ["number", "number", "mark", "m", 1, 0, "TypeError", "SyntaxError", "[object Performance]"]

//// CustomEvent etc
return [kind(()=>new CustomEvent()), new CustomEvent('a',{detail:{x:1}}).detail.x,
  new CustomEvent('a',null).detail, CustomEvent.name, Object.getPrototypeOf(CustomEvent)===Event];
//= ["TypeError", 1, null, "CustomEvent", true]

//// MessageEvent
const m = new MessageEvent('message',{data:1,origin:'o',lastEventId:5});
return [m.data,m.origin,m.lastEventId,m.source,m.ports, String(m)];
//= [1, "o", "5", null, [], "[object MessageEvent]"]

//// Event statics
return [Event.NONE, new Event('a').AT_TARGET, Object.getOwnPropertyDescriptor(Event,
  'NONE').writable, 'isTrusted' in new Event('a'), new Event('a').isTrusted];
//= [0, 2, false, true, false]

//// setTimeout return & clear
let n=0;
const id=setTimeout(()=>n++,1);
clearTimeout(id);
clearTimeout(id);
clearTimeout(undefined);
clearTimeout(null);
clearTimeout(-1);
clearTimeout('x');
await wait(10);
return n;
//= 0

//// interval then clear inside
let n=0;
await new Promise(r=>{ const id=setInterval(()=>{ n++; if(n===3){clearInterval(id); r();} },1); });
await wait(10);
return n;
//= 3

//// order timers microtasks
const l=[];
setTimeout(()=>{l.push(1); queueMicrotask(()=>l.push('m1'));},1);
setTimeout(()=>{l.push(2)},1);
queueMicrotask(()=>l.push('m0'));
await wait(20);
return l;
//= ["m0", 1, "m1", 2]

//// setTimeout bad
return [kind(()=>setTimeout()), kind(()=>setTimeout(null)), kind(()=>setTimeout({}))];
//= ["TypeError", "TypeError", "TypeError"]

//// queueMicrotask order
const l=[];
queueMicrotask(()=>l.push(1));
Promise.resolve().then(()=>l.push(2));
queueMicrotask(()=>l.push(3));
await wait();
return l;
//= [1, 2, 3]
