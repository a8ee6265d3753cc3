// The module `k6/html`: a page that is parsed, and jQuery-like selections of its nodes.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;
const OWN = {};
let handleOf;

const selected = (handle, way, argument = null, until = null) => {
  const [problem, made] = host.htmlSelect(handle, way, argument, until);
  if (problem !== null) throw new Error(problem);
  return new Selection(OWN, made);
};

const read = (handle, what, name = null) => {
  const text = host.htmlRead(handle, what, name);
  return text === null ? undefined : JSON.parse(text);
};

// A selector, a selection or an element, as the other side takes them.
const wanted = (value) => {
  if (value === undefined || value === null) return null;
  if (value instanceof Selection) return handleOf(value);
  if (value instanceof Element) return handleOf(value.selection());
  return String(value);
};

export class Selection {
  #handle;

  constructor(own, handle) {
    if (own !== OWN) throw new TypeError('a Selection is made by parseHTML()');
    this.#handle = handle;
  }

  static {
    handleOf = (selection) => selection.#handle;
  }

  get length() { return this.size(); }

  size() { return host.htmlSize(this.#handle); }

  find(selector) { return selected(this.#handle, 'find', wanted(selector)); }

  closest(selector) { return selected(this.#handle, 'closest', wanted(selector)); }

  contents() { return selected(this.#handle, 'contents'); }

  has(selector) { return selected(this.#handle, 'has', wanted(selector)); }

  children(selector) { return selected(this.#handle, 'children', wanted(selector)); }

  parent(selector) { return selected(this.#handle, 'parent', wanted(selector)); }

  parents(selector) { return selected(this.#handle, 'parents', wanted(selector)); }

  siblings(selector) { return selected(this.#handle, 'siblings', wanted(selector)); }

  next(selector) { return selected(this.#handle, 'next', wanted(selector)); }

  nextAll(selector) { return selected(this.#handle, 'nextAll', wanted(selector)); }

  prev(selector) { return selected(this.#handle, 'prev', wanted(selector)); }

  prevAll(selector) { return selected(this.#handle, 'prevAll', wanted(selector)); }

  nextUntil(until, filter) {
    return selected(this.#handle, 'nextAllUntil', wanted(filter), wanted(until));
  }

  prevUntil(until, filter) {
    return selected(this.#handle, 'prevAllUntil', wanted(filter), wanted(until));
  }

  parentsUntil(until, filter) {
    return selected(this.#handle, 'parentsUntil', wanted(filter), wanted(until));
  }

  filter(selector) {
    if (typeof selector !== 'function') {
      return selected(this.#handle, 'filter', wanted(selector));
    }
    return this.#those((index, element) => selector.call(element, index, element));
  }

  not(selector) {
    if (typeof selector !== 'function') {
      return selected(this.#handle, 'not', wanted(selector));
    }
    return this.#those((index, element) => !selector.call(element, index, element));
  }

  #those(isWanted) {
    let unwanted = this;
    // Callbacks are given selections, as in k6.
    const kept = this.toArray().filter((each, index) => isWanted(index, each));
    for (const each of kept) unwanted = unwanted.not(each);
    return this.not(unwanted);
  }

  is(selector) {
    if (typeof selector === 'function') return this.filter(selector).size() > 0;
    const found = read(this.#handle, 'is', wanted(selector));
    if (typeof found === 'object') throw new Error(found.problem);
    return found;
  }

  index(selector) { return read(this.#handle, 'index', wanted(selector)); }

  eq(index) {
    const at = Number(index) || 0;
    return selected(this.#handle, 'slice', at, at === -1 ? null : at + 1);
  }

  first() { return this.eq(0); }

  last() { return this.eq(-1); }

  slice(first, last) {
    return selected(this.#handle, 'slice', Number(first) || 0, last === undefined ? null : Number(last));
  }

  text() { return read(this.#handle, 'text'); }

  html() { return read(this.#handle, 'html') ?? ''; }

  add(selector) {
    const wanting = selector instanceof Selection || selector instanceof Element;
    const others = wanting ? selector : this.closest('html').find(selector);
    return selected(this.#handle, 'add', wanted(others));
  }

  attr(name, fallback) { return read(this.#handle, 'attr', String(name)) ?? fallback; }

  data(name) { return read(this.#handle, 'data', name === undefined ? null : String(name)); }

  val() { return read(this.#handle, 'val'); }

  serializeArray() { return read(this.#handle, 'serializeArray'); }

  serializeObject() {
    const found = {};
    for (const { name, value } of this.serializeArray()) {
      // Several values of one name are an array, as in k6.
      found[name] = name in found ? [found[name], value].flat() : value;
    }
    return found;
  }

  serialize() {
    return this.serializeArray()
      .map(({ name, value }) => [name, value].map((part) => encodeURIComponent(part).replace(/%20/g, '+')).join('='))
      .join('&');
  }

  toArray() {
    return Array.from({ length: this.size() }, (_, index) => this.eq(index));
  }

  get(index) {
    if (index === undefined) return this.toArray().map((each) => each.get(0));
    const one = this.eq(index);
    if (one.size() === 0) return undefined;
    gharial.load('html_elements');
    const Class = gharial.htmlElementClass(read(handleOf(one), 'nodeName'), Element);
    return new Class(OWN, one);
  }

  each(callback) {
    this.toArray().forEach((each, index) => callback(index, each.get(0)));
    return this;
  }

  map(callback) {
    return this.toArray().map((each, index) => callback(index, each));
  }

  toString() { return this.toArray().map((each) => read(handleOf(each), 'outerHTML')).join(''); }
}

// One node, with the methods that k6 gives it.
class Element {
  #own;

  constructor(own, selection) {
    if (own !== OWN) throw new TypeError('an Element is made by a Selection');
    this.#own = selection;
  }

  #read(what, name) { return read(handleOf(this.#own), what, name); }

  selection() { return this.#own; }

  nodeName() { return this.#read('nodeName'); }

  nodeType() { return this.#read('nodeType'); }

  nodeValue() { return this.#read('nodeValue'); }

  tagName() { return this.nodeName().toUpperCase(); }

  textContent() { return this.#own.text(); }

  innerHTML() { return this.#own.html(); }

  outerHTML() { return this.#read('outerHTML'); }

  attributes() {
    const entries = Object.entries(this.#read('attributes'));
    return Object.fromEntries(entries.map(([name, value]) => [name, { name, value }]));
  }

  getAttribute(name) { return this.#own.attr(name); }

  getAttributeNode(name) {
    const value = this.#own.attr(name);
    return value === undefined ? undefined : { name: String(name), value };
  }

  hasAttribute(name) { return this.#own.attr(name) !== undefined; }

  hasAttributes() { return Object.keys(this.attributes()).length > 0; }

  id() { return this.#own.attr('id'); }

  className() { return this.#own.attr('class'); }

  classList() { return this.#own.attr('class', '').split(/\s+/).filter(Boolean); }

  lang() { return this.#own.attr('lang'); }

  getElementsByClassName(name) { return this.#own.find(`.${name}`).get(); }

  getElementsByTagName(name) { return this.#own.find(name).get(); }

  isDefaultNamespace() { return this.namespaceURI() === 'http://www.w3.org/1999/xhtml'; }

  namespaceURI() {
    return this.#own.closest('svg').size() > 0 ? 'http://www.w3.org/2000/svg' : 'http://www.w3.org/1999/xhtml';
  }

  value() { return this.#own.val(); }

  children() { return this.#own.children().get(); }

  childElementCount() { return this.#own.children().size(); }

  childNodes() { return this.#own.contents().get(); }

  hasChildNodes() { return this.#own.contents().size() > 0; }

  firstChild() { return this.#own.contents().get(0); }

  lastChild() { return this.#own.contents().last().get(0); }

  firstElementChild() { return this.#own.children().get(0); }

  lastElementChild() { return this.#own.children().last().get(0); }

  parentElement() { return this.#own.parent().get(0); }

  parentNode() { return this.parentElement(); }

  nextElementSibling() { return this.#own.next().get(0); }

  previousElementSibling() { return this.#own.prev().get(0); }

  nextSibling() { return selected(handleOf(this.#own), 'nextNode').get(0); }

  previousSibling() { return selected(handleOf(this.#own), 'prevNode').get(0); }

  querySelector(selector) { return this.#own.find(selector).get(0); }

  querySelectorAll(selector) { return this.#own.find(selector).get(); }

  contains(other) { return this.#own.find(other.selection()).size() > 0; }

  matches(selector) { return this.#own.is(selector); }

  isSameNode(other) { return this.#own.is(other); }

  isEqualNode(other) { return this.outerHTML() === other.outerHTML(); }

  toString() { return this.outerHTML(); }
}

export function parseHTML(text) {
  return new Selection(OWN, host.htmlParse(String(text ?? '')));
}

export default { parseHTML, Selection };
