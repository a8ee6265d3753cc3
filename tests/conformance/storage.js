// localStorage and sessionStorage; see javascript_cases.py. Node.js 20 has neither.
const fresh = () => { localStorage.clear(); sessionStorage.clear(); return localStorage; };

//// items
const storage = fresh();
storage.setItem('a', 1);
storage.setItem('b', null);
storage.setItem('a', { toString: () => 'text' });
const seen = [storage.length, storage.getItem('a'), storage.getItem('b'), storage.getItem('c'), storage.key(0), storage.key(1), storage.key(2)];
storage.removeItem('a');
storage.removeItem('a');
return [...seen, storage.length, storage.key(0), `${storage}`, storage instanceof Storage];
//= [2, "text", "null", null, "a", "b", null, 1, "b", "[object Storage]", true]

//// properties
const storage = fresh();
storage.name = 5;
storage['other name'] = 'x';
const seen = [storage.getItem('name'), storage.name, storage['other name'], storage.missing, 'name' in storage, 'missing' in storage,
  Object.keys(storage), JSON.stringify(storage), Object.hasOwn(storage, 'name'), { ...storage }];
delete storage.name;
Object.defineProperty(storage, 'defined', { value: 7 });
const names = [];
for (const name in storage) if (Object.hasOwn(storage, name)) names.push(name);
return [...seen, storage.name, names, storage.length, kind(() => Object.freeze(storage))];
//= ["5", "5", "x", "(undefined)", true, false, ["name", "other name"], "{\"name\":\"5\",\"other name\":\"x\"}", true, {"name": "5", "other name": "x"}, "(undefined)", ["other name", "defined"], 2, "TypeError"]

//// names of methods
const storage = fresh();
storage.setItem('getItem', 'mine');
storage.length = 9;
return [storage.getItem('getItem'), typeof storage.getItem, storage.length, storage.getItem('length'), Object.keys(storage)];
//= ["mine", "function", 2, "9", []]

//// they are two
const storage = fresh();
storage.a = 1;
return [sessionStorage.length, sessionStorage.a, localStorage.a];
//= [0, "(undefined)", "1"]

//// at most 5 MiB
const storage = fresh();
const half = 'x'.repeat(2 * 1024 * 1024);
storage.a = half;
storage.b = half;
const seen = [kind(() => storage.setItem('c', half)), kind(() => { storage.c = half; }), storage.length];
storage.setItem('a', '');
storage.setItem('c', half);
storage.removeItem('b');
storage.setItem('d', half);
fresh();
storage.a = `${half}${half}`;
storage.b = 'y'.repeat(1024 * 1024 - 2);
return [...seen, storage.length, kind(() => storage.setItem('c', '')), kind(() => sessionStorage.setItem('c', ''))];
//= ["QuotaExceededError", "QuotaExceededError", 2, 2, "QuotaExceededError", "(undefined)"]

//// what is refused
const storage = fresh();
return [kind(() => new Storage()), kind(() => storage.getItem()), kind(() => storage.setItem('a')), kind(() => storage.key()), kind(() => storage.removeItem()),
  kind(() => Storage.prototype.getItem.call({}, 'a')), Storage.prototype.getItem.call(storage, 'a'), kind(() => Storage.prototype.length)];
//= ["TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", null, "TypeError"]
