// Events, their targets and AbortSignal; see javascript_cases.py.

//// any flattened order
const c = new AbortController();
const seen=[];
const a = AbortSignal.any([c.signal]);
const b = AbortSignal.any([a, c.signal]);
b.onabort = () => seen.push('b '+a.aborted+b.aborted);
a.onabort = () => seen.push('a '+b.aborted);
c.signal.onabort = () => seen.push('c '+a.aborted+b.aborted);
c.abort('x');
return [seen, a.reason, b.reason];
//= [["c truetrue", "a true", "b truetrue"], "x", "x"]

//// any same signal twice
const c = new AbortController();
let n=0;
const a = AbortSignal.any([c.signal,c.signal]);
a.onabort=()=>n++;
c.abort();
return n;
//= 1

//// any with non iterable
return kind(() => AbortSignal.any(5));
//= "TypeError"

//// any string
return kind(() => AbortSignal.any('ab'));
//= "TypeError"

//// any undefined
return kind(() => AbortSignal.any());
//= "TypeError"

//// any null el
return kind(() => AbortSignal.any([null]));
//= "TypeError"

//// any set
const c = new AbortController();
return AbortSignal.any(new Set([c.signal])).aborted;
//= false

//// timeout big
return kind(() => AbortSignal.timeout(2**53));
//= "TypeError"

//// timeout bigint
return kind(() => AbortSignal.timeout(1n));
//= "TypeError"

//// timeout fires
const s = AbortSignal.timeout(5);
await new Promise(r => s.onabort = r);
return [s.aborted, s.reason.name, s.reason.constructor.name, s.reason.code];
//= [true, "TimeoutError", "DOMException", 23]

//// abort undefined reason
const c = new AbortController();
c.abort(undefined);
return [c.signal.reason.name, c.signal.reason.code, c.signal.reason instanceof DOMException];
//= ["AbortError", 20, true]

//// abort null reason
const c = new AbortController();
c.abort(null);
return [c.signal.reason];
//= [null]

//// signal dispatch synthetic abort
const c = new AbortController();
let n=0;
c.signal.onabort=()=>n++;
c.signal.dispatchEvent(new Event('abort'));
return [n, c.signal.aborted];
//= [1, false]

//// listener added in abort event
const c = new AbortController();
const log2=[];
c.signal.addEventListener('abort', () => { c.signal.addEventListener('abort', () => log2.push('late'));
  log2.push('first'); });
c.abort();
return log2;
//= ["first"]

//// reentrant abort
const c = new AbortController();
let n = 0;
c.signal.addEventListener('abort', () => { n++; c.abort('two'); });
c.abort('one');
return [n, c.signal.reason];
//= [1, "one"]

//// microtasks not between in script dispatch
const t = new EventTarget();
const l=[];
t.addEventListener('a', () => { Promise.resolve().then(() => l.push('m')); l.push(1); });
t.addEventListener('a', () => l.push(2));
t.dispatchEvent(new Event('a'));
l.push('end');
await null;
return l;
//= [1, 2, "end", "m"]

//// microtasks between for timeout signal
const s = AbortSignal.timeout(1);
const l=[];
s.addEventListener('abort', () => { Promise.resolve().then(() => l.push('m')); l.push(1); });
s.addEventListener('abort', () => l.push(2));
await wait(20);
return l;
//= [1, "m", 2]

//// once
const t = new EventTarget();
let n=0;
t.addEventListener('a', () => { n++; t.dispatchEvent(new Event('a')); }, {once:true});
t.dispatchEvent(new Event('a'));
return n;
//= 1

//// remove during dispatch
const t = new EventTarget();
const l=[];
const g=()=>l.push('g');
t.addEventListener('a', () => { t.removeEventListener('a', g); l.push('f'); });
t.addEventListener('a', g);
t.dispatchEvent(new Event('a'));
return l;
//= ["f"]

//// add during dispatch
const t = new EventTarget();
const l=[];
t.addEventListener('a', () => { t.addEventListener('a', ()=>l.push('new')); l.push('f'); });
t.dispatchEvent(new Event('a'));
return l;
//= ["f"]

//// signal aborted in dispatch
const t = new EventTarget();
const l=[];
const c=new AbortController();
t.addEventListener('a', () => { c.abort(); l.push(1);});
t.addEventListener('a', () => l.push(2), {signal:c.signal});
t.dispatchEvent(new Event('a'));
return l;
//= [1]

//// signal null option
return kind(() => new EventTarget().addEventListener('a', ()=>{}, {signal:null}));
//= "TypeError"

//// signal undefined option
return kind(() => new EventTarget().addEventListener('a', ()=>{}, {signal:undefined}));
//= "(undefined)"

//// passive getters read
const l=[];
new EventTarget().addEventListener('a', ()=>{}, { get capture(){l.push('capture')},
  get once(){l.push('once')}, get passive(){l.push('passive')}, get signal(){l.push('signal')} });
return l.sort();
//= ["capture", "once", "passive", "signal"]

//// remove reads only capture
const l=[];
new EventTarget().removeEventListener('a', ()=>{}, { get capture(){l.push('capture')},
  get once(){l.push('once')}, get passive(){l.push('passive')}, get signal(){l.push('signal')} });
return l;
//= ["capture"]

//// null callback with options read
const l=[];
new EventTarget().addEventListener('a', null, { get once(){l.push('once')}});
return l;
//= ["once"]

//// handleEvent getter each time
const t=new EventTarget();
let n=0;
t.addEventListener('a', { get handleEvent(){ n++; return ()=>{}; } });
t.dispatchEvent(new Event('a'));
t.dispatchEvent(new Event('a'));
return n;
//= 2

//// stopPropagation at target continues
const t=new EventTarget();
const l=[];
t.addEventListener('a', e=>{e.stopPropagation(); l.push(1)});
t.addEventListener('a', ()=>l.push(2));
t.dispatchEvent(new Event('a'));
return l;
//= [1, 2]

//// cancelBubble
const e=new Event('a');
e.cancelBubble=false;
const r=[e.cancelBubble];
e.cancelBubble=true;
r.push(e.cancelBubble);
e.cancelBubble=false;
r.push(e.cancelBubble);
return r;
//= [false, true, true]

//// returnValue
const e=new Event('a',{cancelable:true});
const r=[e.returnValue];
e.returnValue=true;
r.push(e.returnValue);
e.returnValue=false;
r.push(e.returnValue,e.defaultPrevented);
return r;
//= [true, true, false, true]

//// phases
const t=new EventTarget();
const r=[];
const e=new Event('a');
r.push(e.eventPhase);
t.addEventListener('a', e=>r.push(e.eventPhase, e.target===t, e.currentTarget===t,
  e.composedPath().length, e.srcElement===t));
t.dispatchEvent(e);
r.push(e.eventPhase, e.currentTarget, e.target===t, e.composedPath().length);
return r;
//= [0, 2, true, true, 1, true, 0, null, true, 0]

//// redispatch
const t=new EventTarget();
let n=0;
t.addEventListener('a', ()=>n++);
const e=new Event('a');
t.dispatchEvent(e);
t.dispatchEvent(e);
return n;
//= 2

//// event ctor errors
return [kind(()=>new Event()), kind(()=>new Event('a', 5)), kind(()=>new Event('a', 'x')),
  kind(()=>new Event(Symbol()))];
//= ["TypeError", "TypeError", "TypeError", "TypeError"]

//// event lengths
return [Event.length, CustomEvent.length, EventTarget.length, EventTarget.prototype.addEventListener.length,
  EventTarget.prototype.removeEventListener.length, EventTarget.prototype.dispatchEvent.length,
  AbortSignal.any.length, AbortSignal.timeout.length, AbortSignal.abort.length,
  AbortController.length, AbortController.prototype.abort.length];
//= [1, 1, 0, 2, 2, 1, 1, 1, 0, 0, 0]

//// tags
return [new Event('a'), new EventTarget(), new AbortController(), new AbortController().signal].map(x => Object.prototype.toString.call(x));
//= ["[object Event]", "[object EventTarget]", "[object AbortController]", "[object AbortSignal]"]

//// getter names
return ['type','target','bubbles','timeStamp','defaultPrevented','cancelBubble',
  'returnValue'].map(n => Object.getOwnPropertyDescriptor(Event.prototype,
  n)?.get?.name);
//= ["get type", "get target", "get bubbles", "get timeStamp", "get defaultPrevented", "get cancelBubble", "get returnValue"]

//// getter names abort
return ['aborted','reason','onabort'].map(n => { const d=Object.getOwnPropertyDescriptor(AbortSignal.prototype, n);
  return d && [d.get.name, d.get.length, d.set?.name, d.set?.length, d.enumerable, d.configurable];
  });
//= [["get aborted", 0, "(undefined)", "(undefined)", true, true], ["get reason", 0, "(undefined)", "(undefined)", true, true], ["get onabort", 0, "set onabort", 1, true, true]]

//// detail
return [new CustomEvent('a').detail, new CustomEvent('a',{detail:5}).detail];
//= [null, 5]

//// enumerable keys of prototypes
return [Object.keys(EventTarget.prototype).sort(), Object.keys(AbortSignal.prototype).sort(),
  Object.keys(AbortController.prototype).sort()];
//= [["addEventListener", "dispatchEvent", "removeEventListener"], ["aborted", "onabort", "reason", "throwIfAborted"], ["abort", "signal"]]

//// illegal this
return [kind(()=>EventTarget.prototype.addEventListener.call({}, 'a', ()=>{})),
  kind(()=>Object.getOwnPropertyDescriptor(AbortSignal.prototype,'aborted').get.call({})),
  kind(()=>AbortController.prototype.abort.call({}))];
//= ["TypeError", "TypeError", "TypeError"]

//// handler order
const c=new AbortController();
const l=[];
c.signal.onabort=()=>l.push('h1');
c.signal.addEventListener('abort',()=>l.push('l'));
c.signal.onabort=()=>l.push('h2');
c.abort();
return l;
//= ["h2", "l"]

//// throwIfAborted
return [kind(()=>AbortSignal.abort(new RangeError()).throwIfAborted()),
  kind(()=>new AbortController().signal.throwIfAborted())];
//= ["RangeError", "(undefined)"]

//// subclass EventTarget
class A extends EventTarget { constructor(){ super(); this.x=1; } } const a=new A();
let n=0;
a.addEventListener('q',()=>n++);
a.dispatchEvent(new Event('q'));
return [n, a instanceof EventTarget];
//= [1, true]

//// clearTimeout etc types
return [kind(()=>clearTimeout(1n)), setTimeout.length, setInterval.length,
  clearTimeout.length, setTimeout.name];
//= ["TypeError", 1, 1, 0, "setTimeout"]

//// queueMicrotask
return [queueMicrotask.length, kind(()=>queueMicrotask()), kind(()=>queueMicrotask({}))];
//= [1, "TypeError", "TypeError"]
