// Intl: the locale en-US, to which all others fall back, as the standard allows for locales
// that an implementation does not have.
//
// Leaves in `gharial`: intl, intlCore. Source: ECMA-402, sections 8, 9, 10, 11, 15 and 16.
(function (gharial) {
  'use strict';
  const LOCALE = 'en-US';
  const TAG = /^[a-z]{2,8}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*(-[a-wy-z\d](-[a-z\d]{2,8})+)*(-x(-[a-z\d]{1,8})+)?$/i;

  const canonical = (tag) => {
    if (typeof tag !== 'string' && (typeof tag !== 'object' || tag === null)) {
      throw new TypeError('Intl: a locale must be a string');
    }
    const text = `${tag}`;
    if (!TAG.test(text)) throw new RangeError(`Intl: '${text}' is not a language tag`);
    return text.split('-').map((part, index) => {
      if (index === 0 || part.length > 4) return part.toLowerCase();
      if (part.length === 4 && index === 1) return part[0].toUpperCase() + part.slice(1).toLowerCase();
      return part.length === 2 && !/-.-/.test(text) ? part.toUpperCase() : part.toLowerCase();
    }).join('-');
  };

  const canonicalLocales = (locales) => {
    if (locales === undefined) return [];
    if (locales === null) throw new TypeError('Intl: the locales must not be null');
    const list = typeof locales === 'string' ? [locales] : Array.from(locales);
    return [...new Set(list.map(canonical))];
  };

  const supportedLocalesOf = (locales) =>
    canonicalLocales(locales).filter((tag) => tag === 'en' || tag === LOCALE);

  // Returns one of the words that an option may be.
  const word = (options, name, allowed, otherwise) => {
    const value = options[name];
    if (value === undefined) return otherwise;
    const text = `${value}`;
    if (allowed !== null && !allowed.includes(text)) {
      throw new RangeError(`Intl: '${text}' is not a value of ${name}; there are ${allowed.join(', ')}`);
    }
    return text;
  };

  const number = (options, name, minimum, maximum, otherwise) => {
    const value = options[name];
    if (value === undefined) return otherwise;
    const given = Number(value);
    if (!(given >= minimum && given <= maximum)) {
      throw new RangeError(`Intl: ${name} must be from ${minimum} to ${maximum}, not ${given}`);
    }
    return Math.floor(given);
  };

  const optionsOf = (options) => {
    if (options === null) throw new TypeError('Intl: the options must not be null');
    return options === undefined ? { __proto__: null } : Object(options);
  };

  // A class whose instances hold what `resolve` makes of the options.
  const define = (name, resolve, members, isCallable = false) => {
    const states = new WeakMap();
    const stateOf = (value) => {
      const state = states.get(value);
      if (state === undefined) throw new TypeError(`Intl.${name}: Illegal invocation`);
      return state;
    };
    const Class = {
      [name]: function (locales = undefined, options = undefined) {
        if (new.target === undefined && !isCallable) {
          throw new TypeError(`Intl.${name} must be called with new`);
        }
        canonicalLocales(locales);
        const made = Object.create((new.target ?? Class).prototype);
        states.set(made, resolve(optionsOf(options)));
        return made;
      },
    }[name];
    const descriptors = Object.getOwnPropertyDescriptors(members(stateOf));
    for (const key in descriptors) descriptors[key].enumerable = false;
    Object.defineProperties(Class.prototype, descriptors);
    Object.defineProperty(Class.prototype, Symbol.toStringTag, {
      value: `Intl.${name}`, configurable: true,
    });
    Object.defineProperty(Class, 'supportedLocalesOf', {
      value: supportedLocalesOf, writable: true, configurable: true,
    });
    return Class;
  };

  // -- Numbers ------------------------------------------------------------------------

  const SYMBOLS = {
    USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', CNY: 'CN¥', KRW: '₩', BRL: 'R$',
    CAD: 'CA$', AUD: 'A$', NZD: 'NZ$', MXN: 'MX$', HKD: 'HK$', TWD: 'NT$', ILS: '₪', VND: '₫',
    PHP: '₱',
  };
  const WITHOUT_CENTS = ['JPY', 'KRW', 'VND', 'CLP', 'ISK', 'PYG', 'UGX', 'XAF', 'XOF', 'XPF'];
  const COMPACT = [[12, 'T', 'trillion'], [9, 'B', 'billion'], [6, 'M', 'million'], [3, 'K', 'thousand']];

  const refuse = (what) => {
    throw new RangeError(`Intl.NumberFormat: ${what} is not supported`);
  };

  const readCurrency = (options, style) => {
    const currency = word(options, 'currency', null, undefined);
    if (currency !== undefined && !/^[a-z]{3}$/i.test(currency)) {
      throw new RangeError(`Intl: '${currency}' is not a currency`);
    }
    if (style === 'currency' && currency === undefined) {
      throw new TypeError('Intl.NumberFormat: the style currency needs the option currency');
    }
    return currency?.toUpperCase();
  };

  const readFractions = (options, least, most) => {
    const minimum = number(options, 'minimumFractionDigits', 0, 100, undefined);
    const maximum = number(options, 'maximumFractionDigits', 0, 100, undefined);
    if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
      throw new RangeError('Intl: maximumFractionDigits is below minimumFractionDigits');
    }
    return {
      minimumFractionDigits: minimum ?? Math.min(least, maximum ?? least),
      maximumFractionDigits: maximum ?? Math.max(most, minimum ?? most),
    };
  };

  const readDigits = (options, least, most, isCompact) => {
    const digits = { minimumIntegerDigits: number(options, 'minimumIntegerDigits', 1, 21, 1) };
    const isSet = (name) => options[name] !== undefined;
    if (isSet('minimumSignificantDigits') || isSet('maximumSignificantDigits')) {
      const minimum = number(options, 'minimumSignificantDigits', 1, 21, 1);
      digits.minimumSignificantDigits = minimum;
      digits.maximumSignificantDigits = number(options, 'maximumSignificantDigits', minimum, 21, 21);
    } else if (isCompact && !isSet('minimumFractionDigits') && !isSet('maximumFractionDigits')) {
      digits.isCompactRounding = true;
    } else Object.assign(digits, readFractions(options, least, most));
    return digits;
  };

  const resolveNumber = (options) => {
    const style = word(options, 'style', ['decimal', 'percent', 'currency', 'unit'], 'decimal');
    if (style === 'unit') refuse("the style 'unit'");
    const currency = readCurrency(options, style);
    const notation = word(
      options, 'notation', ['standard', 'scientific', 'engineering', 'compact'], 'standard');
    if (notation === 'scientific' || notation === 'engineering') refuse(`the notation '${notation}'`);
    const cents = style !== 'currency' ? 0 : WITHOUT_CENTS.includes(currency) ? 0 : 2;
    const isCompact = notation === 'compact';
    const most = style === 'currency' ? cents : style === 'percent' ? 0 : 3;
    const useGrouping = options.useGrouping;
    return {
      style,
      ...(style === 'currency' && {
        currency,
        currencyDisplay: word(
          options, 'currencyDisplay', ['code', 'symbol', 'narrowSymbol', 'name'], 'symbol'),
      }),
      ...readDigits(options, cents, most, isCompact),
      useGrouping: useGrouping === undefined ? (isCompact ? 'min2' : 'auto')
        : useGrouping === 'false' || !useGrouping ? false : useGrouping === true ? 'always' : `${useGrouping}`,
      notation,
      ...(isCompact && { compactDisplay: word(options, 'compactDisplay', ['short', 'long'], 'short') }),
      signDisplay: word(
        options, 'signDisplay', ['auto', 'never', 'always', 'exceptZero', 'negative'], 'auto'),
    };
  };

  // Returns digits without an exponent, of a number that is not negative.
  const plain = (text) => {
    const [, whole, rest = '', exponent] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
    if (exponent === undefined) return text;
    const digits = whole + rest;
    const point = whole.length + Number(exponent);
    if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
    if (point >= digits.length) return digits.padEnd(point, '0');
    return `${digits.slice(0, point)}.${digits.slice(point)}`;
  };

  const trimmed = (fraction, least) => {
    let size = fraction.length;
    while (size > least && fraction[size - 1] === '0') size--;
    return fraction.slice(0, size);
  };

  // Rounds half up at so many places after the point; before it, if there are less than none.
  const roundedAt = (text, places) => {
    const [whole, fraction = ''] = text.split('.');
    if (fraction.length <= places) return text;
    const digits = whole + fraction;
    const cut = whole.length + places;
    const kept = cut < 0 ? 0n : BigInt(digits.slice(0, cut)) + (digits[cut] >= '5' ? 1n : 0n);
    if (kept === 0n && places <= 0) return '0';
    if (places <= 0) return `${kept}${'0'.repeat(-places)}`;
    const padded = `${kept}`.padStart(places + 1, '0');
    return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
  };

  // Of the first digit that is not zero.
  const exponentOf = (text) => {
    const [whole, fraction = ''] = text.split('.');
    if (whole !== '0') return whole.length - 1;
    const zeros = /^0*/.exec(fraction)[0].length;
    return zeros === fraction.length ? 0 : -zeros - 1;
  };

  // Returns whole and fraction of a number that is not negative. As engines do, it rounds the
  // shortest decimal number that stands for the value: 1.005 becomes 1.01.
  const digitsOf = (value, format, shift = 0) => {
    let text = plain(String(value));
    if (shift !== 0) {
      text = plain(`${text}e${shift < 0 ? '' : '+'}${shift}`).replace(/^0+(?=\d)/, '');
    }
    let least = format.minimumFractionDigits ?? 0;
    if (format.isCompactRounding) {
      text = roundedAt(text, Math.max(0, 1 - exponentOf(text)));
    } else if (format.maximumSignificantDigits !== undefined) {
      text = roundedAt(text, format.maximumSignificantDigits - 1 - exponentOf(text));
      least = Math.max(0, format.minimumSignificantDigits - 1 - exponentOf(text));
    } else text = roundedAt(text, format.maximumFractionDigits);
    const [whole, fraction = ''] = text.split('.');
    return [
      whole.padStart(format.minimumIntegerDigits, '0'),
      trimmed(fraction.padEnd(least, '0'), least),
    ];
  };

  const grouped = (whole, grouping) => {
    if (!grouping || (grouping === 'min2' && whole.length < 5)) return [whole];
    const groups = [];
    for (let end = whole.length; end > 0; end -= 3) groups.unshift(whole.slice(Math.max(0, end - 3), end));
    return groups;
  };

  const signOf = (isNegative, isZero, display) => {
    if (display === 'never') return '';
    if (isNegative && !(isZero && (display === 'negative' || display === 'exceptZero'))) return '-';
    if (display === 'always' || (display === 'exceptZero' && !isZero)) return '+';
    return '';
  };

  // By how many places the point moves, and what stands for them.
  const shiftOf = (value, format) => {
    if (format.style === 'percent') return [2, ''];
    if (format.notation !== 'compact') return [0, ''];
    for (const [power, short, long] of COMPACT) {
      if (value >= 10 ** power * (1 - 5e-4)) {
        return [-power, format.compactDisplay === 'long' ? ` ${long}` : short];
      }
    }
    return [0, ''];
  };

  const unsignedParts = (value, format) => {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      return [Number.isNaN(value) ? { type: 'nan', value: 'NaN' } : { type: 'infinity', value: '∞' }];
    }
    const [shift, suffix] = shiftOf(value, format);
    const [whole, fraction] = digitsOf(value, format, shift);
    const parts = grouped(whole, format.useGrouping).flatMap((group, index) => [
      ...(index > 0 ? [{ type: 'group', value: ',' }] : []), { type: 'integer', value: group }]);
    if (fraction !== '') {
      parts.push({ type: 'decimal', value: '.' }, { type: 'fraction', value: fraction });
    }
    if (suffix !== '') {
      if (suffix[0] === ' ') parts.push({ type: 'literal', value: ' ' });
      parts.push({ type: 'compact', value: suffix.trim() });
    }
    return parts;
  };

  const withCurrency = (parts, { currency, currencyDisplay }) => {
    if (currencyDisplay === 'name') {
      return [...parts, { type: 'literal', value: ' ' }, { type: 'currency', value: currency }];
    }
    const symbol = currencyDisplay === 'code' ? currency : SYMBOLS[currency] ?? currency;
    const shown = currencyDisplay === 'narrowSymbol' ? symbol.replace(/^[A-Z]+(?=\W)/, '') : symbol;
    const space = /[A-Z]$/.test(shown) ? [{ type: 'literal', value: '\u00a0' }] : [];
    return [{ type: 'currency', value: shown }, ...space, ...parts];
  };

  const numberParts = (format, given) => {
    const value = typeof given === 'bigint' ? given : Number(given);
    const isNegative = value < 0 || Object.is(value, -0);
    let parts = unsignedParts(isNegative ? -value : value, format);
    const isZero = Number.isNaN(value) || parts.every(({ type, value: text }) =>
      (type !== 'integer' && type !== 'fraction') || /^0*$/.test(text)) && !parts.some(({ type }) => type === 'infinity');
    const sign = signOf(isNegative, isZero, format.signDisplay);
    if (format.style === 'currency') parts = withCurrency(parts, format);
    if (format.style === 'percent') parts.push({ type: 'percentSign', value: '%' });
    if (sign !== '') parts.unshift({ type: sign === '-' ? 'minusSign' : 'plusSign', value: sign });
    return parts;
  };

  const joined = (parts) => parts.map(({ value }) => value).join('');

  const resolved = (format) => {
    const { isCompactRounding, ...rest } = format;
    return {
      locale: LOCALE, numberingSystem: 'latn', ...rest,
      ...(isCompactRounding && { minimumFractionDigits: 0, maximumFractionDigits: 0 }),
      roundingIncrement: 1, roundingMode: 'halfExpand', roundingPriority: 'auto',
      trailingZeroDisplay: 'auto',
    };
  };

  const NumberFormat = define('NumberFormat', resolveNumber, (stateOf) => ({
    // Bound, so that it can be handed to map().
    get format() {
      const state = stateOf(this);
      return (state.bound ??= Object.defineProperty(
        (value) => joined(numberParts(state, value)), 'name', { value: '' }));
    },
    formatToParts(value = undefined) {
      return numberParts(stateOf(this), value);
    },
    resolvedOptions() {
      const { bound, ...format } = stateOf(this);
      return resolved(format);
    },
  }), true);

  // -- Plurals ------------------------------------------------------------------------

  const ordinal = (value) => {
    const [tens, ones] = [value % 100, value % 10];
    if (ones === 1 && tens !== 11) return 'one';
    if (ones === 2 && tens !== 12) return 'two';
    return ones === 3 && tens !== 13 ? 'few' : 'other';
  };

  const PluralRules = define('PluralRules', (options) => ({
    type: word(options, 'type', ['cardinal', 'ordinal'], 'cardinal'),
    ...readDigits(options, 0, 3, false),
  }), (stateOf) => ({
    select(value) {
      const state = stateOf(this);
      const amount = Math.abs(Number(value));
      if (!Number.isFinite(amount)) return 'other';
      const [whole, fraction] = digitsOf(amount, state);
      if (state.type === 'ordinal') return fraction === '' ? ordinal(Number(whole)) : 'other';
      return Number(whole) === 1 && fraction === '' ? 'one' : 'other';
    },
    resolvedOptions() {
      const { type } = stateOf(this);
      const categories = type === 'ordinal' ? ['few', 'one', 'two', 'other'] : ['one', 'other'];
      return { ...resolved(stateOf(this)), pluralCategories: categories };
    },
  }));

  gharial.intlCore = { LOCALE, canonicalLocales, define, joined, number, word };
  gharial.load('intl_collation');
  gharial.load('intl_dates');
  const Intl = Object.create(Object.prototype, {
    [Symbol.toStringTag]: { value: 'Intl', configurable: true },
  });
  const members = {
    getCanonicalLocales: canonicalLocales, NumberFormat, PluralRules,
    Collator: gharial.Collator, DateTimeFormat: gharial.DateTimeFormat,
  };
  for (const name in members) {
    Object.defineProperty(Intl, name, { value: members[name], writable: true, configurable: true });
  }
  gharial.intl = Intl;
  gharial.define('Intl', Intl);
})
