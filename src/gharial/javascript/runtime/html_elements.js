// What elements of `k6/html` have besides the methods of all elements, by their tags.
//
// Leaves in `gharial`: htmlElementClass. Source: k6 v1.1, `js/modules/k6/html/elements.go`.
(function (gharial) {
  'use strict';
  const words = (text) => text.split(' ');
  // Methods that return an attribute's text, empty if it is not there; that tell whether it
  // is there; and that return it as a number. Attributes have the methods' names in small letters.
  const TEXTS = {
    a: 'accessKey download href hrefLang referrerPolicy rel target type',
    area: 'accessKey download href hrefLang referrerPolicy rel target type',
    base: 'href target',
    button: 'accessKey formTarget name type',
    fieldset: 'name',
    form: 'action autocomplete enctype name target',
    iframe: 'name referrerPolicy src',
    img: 'alt crossOrigin currentSrc name referrerPolicy sizes src srcset useMap',
    input: 'accept accessKey alt autocomplete dirName max min name pattern placeholder src step type',
    link: 'href hrefLang media rel target type crossOrigin referrerPolicy',
    map: 'name',
    meta: 'content name',
    ol: 'type',
    optgroup: 'label',
    script: 'charset crossOrigin src type',
    select: 'name',
    style: 'media type',
    textarea: 'accessKey autocapitalize autocomplete name placeholder wrap',
    th: 'abbr headers scope',
    td: 'headers',
    time: 'datetime',
    video: 'crossOrigin currentSrc mediaGroup preload src',
    audio: 'crossOrigin currentSrc mediaGroup preload src',
  };
  const FLAGS = {
    button: 'autofocus disabled',
    fieldset: 'disabled',
    form: 'noValidate',
    iframe: 'allowfullscreen',
    img: 'isMap',
    input: 'autofocus checked disabled multiple readonly required',
    ol: 'reversed',
    optgroup: 'disabled',
    option: 'selected',
    script: 'async defer noModule',
    select: 'autofocus disabled multiple required',
    textarea: 'readOnly required',
    video: 'autoplay controls loop muted',
    audio: 'autoplay controls loop muted',
  };
  const NUMBERS = {
    iframe: 'height width',
    img: 'height width',
    input: 'height maxLength size tabIndex width',
    select: 'size tabIndex',
    textarea: 'cols maxLength rows tabIndex',
    th: 'colSpan rowSpan',
    td: 'colSpan rowSpan',
    button: 'tabIndex',
  };

  const text = (element, name) => element.getAttribute(name.toLowerCase()) ?? '';
  const all = (element, selector) => element.selection().find(selector).get();
  const above = (element, selector) => element.selection().closest(selector).get(0);
  const rootOf = (element) => element.selection().closest('html');

  // Scheme, user and password, host with port, path, query, fragment.
  const ADDRESS = /^(?:([a-z][a-z\d+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/is;
  const DEFAULT_PORTS = { http: '80', https: '443' };
  const decoded = (escaped) => {
    try { return decodeURIComponent(escaped); } catch { return escaped; }
  };

  // The parts of an address as it is written, relative or not, as k6 1.1 has them: a
  // protocol that is missing is ':'.
  const partsOf = (element) => {
    const [, scheme, user = '', written, path, search = '', hash = ''] =
      ADDRESS.exec(text(element, 'href'));
    const [username, ...password] = user.split(':').map(decoded);
    const [, hostname, port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(written ?? '');
    const protocol = scheme === undefined ? ':' : scheme.toLowerCase();
    const isOpaque = scheme !== undefined && written === undefined && !path.startsWith('/');
    return {
      protocol, username, password: password.join(':'), port, search, hash,
      host: port !== '' && DEFAULT_PORTS[protocol] === port ? hostname : written ?? '',
      hostname: hostname.replace(/^\[|\]$/g, ''),
      origin: scheme === undefined ? '' : `${protocol}://${written ?? ''}`,
      pathname: isOpaque ? '' : decoded(path).replace(/^(?=[^/])/, '/'),
    };
  };

  const LINK = {
    text() { return this.textContent(); },
    relList() { return text(this, 'rel').split(/\s+/).filter(Boolean); },
  };
  for (const part of words('hash host hostname origin password pathname port protocol search username')) {
    LINK[part] = function () { return partsOf(this)[part]; };
  }

  const formOf = (element) => {
    const id = element.getAttribute('form');
    return id === undefined ? above(element, 'form') : rootOf(element).find(`form[id="${id}"]`).get(0);
  };
  const OF_FORM = {
    form() { return formOf(this); },
    labels() {
      const id = this.id();
      const found = id === undefined ? [] : rootOf(this).find(`label[for="${id}"]`).get();
      const around = above(this, 'label');
      return around === undefined ? found : [...found, around];
    },
  };
  const chosen = (element, name) =>
    element.getAttribute(`form${name}`) ?? formOf(element)?.getAttribute(name) ?? '';
  const FIELD = {
    ...OF_FORM,
    formAction() { return chosen(this, 'action'); },
    formEnctype() { return chosen(this, 'enctype'); },
    formMethod() { return chosen(this, 'method').toLowerCase() === 'post' ? 'post' : 'get'; },
    formTarget() { return chosen(this, 'target'); },
    formNoValidate() {
      return this.hasAttribute('formnovalidate') || formOf(this)?.hasAttribute('novalidate') === true;
    },
  };
  const CONTENT = { text() { return this.textContent(); } };
  const ROWS = { rows() { return all(this, 'tr'); } };
  const CELL = { cellIndex() { return this.selection().prevAll().size(); } };
  const FIELDS = 'input, select, button, textarea';

  const OWN = {
    a: LINK,
    area: LINK,
    button: FIELD,
    fieldset: { ...OF_FORM, elements() { return all(this, FIELDS); }, type() { return 'fieldset'; } },
    form: {
      acceptCharset() { return text(this, 'accept-charset'); },
      elements() { return all(this, `${FIELDS}, fieldset`); },
      encoding() { return text(this, 'enctype'); },
      length() { return this.elements().length; },
      method() { return text(this, 'method').toLowerCase() === 'post' ? 'post' : 'get'; },
    },
    input: {
      ...FIELD,
      defaultChecked() { return this.hasAttribute('checked'); },
      defaultValue() { return text(this, 'value'); },
      list() {
        const id = this.getAttribute('list');
        return id === undefined ? undefined : rootOf(this).find(`datalist[id="${id}"]`).get(0);
      },
    },
    label: {
      form() { return formOf(this); },
      htmlFor() { return text(this, 'for'); },
      control() {
        const id = this.getAttribute('for');
        return id === undefined ? undefined : rootOf(this).find(`[id="${id}"]`).get(0);
      },
    },
    legend: { form() { return formOf(this); } },
    option: {
      ...CONTENT,
      defaultSelected() { return this.hasAttribute('selected'); },
      disabled() { return this.hasAttribute('disabled') || above(this, 'optgroup[disabled]') !== undefined; },
      form() { return formOf(this); },
      index() { return above(this, 'select, datalist')?.selection().find('option').index(this) ?? 0; },
      label() { return this.getAttribute('label') ?? this.textContent(); },
    },
    script: CONTENT,
    title: CONTENT,
    select: {
      ...OF_FORM,
      length() { return all(this, 'option').length; },
      options() { return all(this, 'option'); },
      selectedOptions() { return all(this, 'option[selected]'); },
      selectedIndex() { return this.options().findIndex((each) => each.hasAttribute('selected')); },
      type() { return this.hasAttribute('multiple') ? 'select-multiple' : 'select'; },
    },
    table: {
      ...ROWS,
      caption() { return all(this, 'caption')[0]; },
      tBodies() { return all(this, 'tbody'); },
      tFoot() { return all(this, 'tfoot')[0]; },
      tHead() { return all(this, 'thead')[0]; },
    },
    tbody: ROWS,
    tfoot: ROWS,
    thead: ROWS,
    td: CELL,
    th: CELL,
    textarea: { ...OF_FORM, defaultValue() { return this.textContent(); }, length() { return this.textContent().length; } },
    tr: { cells() { return all(this, 'td, th'); }, sectionRowIndex() { return this.selection().prevAll('tr').size(); } },
  };

  const methodsOf = (tag) => {
    const methods = { ...OWN[tag] };
    const define = (table, read) => {
      for (const name of table[tag] === undefined ? [] : words(table[tag])) {
        methods[name] ??= function () { return read(this, name); };
      }
    };
    define(TEXTS, text);
    define(FLAGS, (element, name) => element.hasAttribute(name.toLowerCase()));
    define(NUMBERS, (element, name) => Math.trunc(Number(text(element, name))) || 0);
    return methods;
  };

  const made = new Map();
  // Returns the class of the elements of a tag, which is Element itself for most.
  gharial.htmlElementClass = (tag, Element) => {
    let found = made.get(tag);
    if (found === undefined) {
      const methods = methodsOf(tag);
      found = Element;
      if (Object.keys(methods).length > 0) {
        found = class extends Element {};
        for (const [name, value] of Object.entries(methods)) {
          Object.defineProperty(found.prototype, name, { value, writable: true, configurable: true });
        }
      }
      made.set(tag, found);
    }
    return found;
  };
})
