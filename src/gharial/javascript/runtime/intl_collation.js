// Intl.Collator: letters before their capitals, accents after them, as in English.
//
// Leaves in `gharial`: Collator. Source: ECMA-402, section 10, and the root collation of
// CLDR for the punctuation of ASCII; the order of other punctuation and of other scripts is
// that of their code points.
(function (gharial) {
  'use strict';
  const { LOCALE, define, word } = gharial.intlCore;
  const MARKS = /\p{M}+/gu;

  // Space and punctuation, digits, letters.
  const rank = (character) => (/\p{L}/u.test(character) ? 2 : /\p{Nd}/u.test(character) ? 1 : 0);

  const PUNCTUATION = '\t\n\v\f\r _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$';

  const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

  const placeOf = (character) => {
    const place = PUNCTUATION.indexOf(character);
    return place < 0 ? PUNCTUATION.length : place;
  };

  const orderOfCharacters = (one, other) =>
    order(rank(one), rank(other)) || order(placeOf(one), placeOf(other)) || order(one, other);

  const piecesOf = (text, isNumeric) =>
    text.match(isNumeric ? /\d+|[^\d]/gu : /./gsu) ?? [];

  const compareBases = (one, other, isNumeric) => {
    const [left, right] = [piecesOf(one, isNumeric), piecesOf(other, isNumeric)];
    for (let index = 0; index < Math.min(left.length, right.length); index++) {
      const [a, b] = [left[index], right[index]];
      if (a === b) continue;
      const isPair = isNumeric && /^\d/.test(a) && /^\d/.test(b);
      const found = isPair ? order(BigInt(a), BigInt(b)) : orderOfCharacters(a, b);
      if (found !== 0) return found;
    }
    return order(left.length, right.length);
  };

  // Small letters stand before capitals, unless the script wants it the other way round.
  const compareCases = (one, other, isUpperFirst) => {
    for (let index = 0; index < Math.min(one.length, other.length); index++) {
      if (one[index] === other[index]) continue;
      const isUpper = one[index] !== one[index].toLowerCase();
      return isUpper === isUpperFirst ? -1 : 1;
    }
    return 0;
  };

  const compare = (state, first, second) => {
    const [one, other] = [first, second].map((value) => {
      const text = `${value}`.normalize('NFD');
      return state.ignorePunctuation ? text.replace(/[\p{P}\s]/gu, '') : text;
    });
    if (one === other) return 0;
    const [left, right] = [one.replace(MARKS, ''), other.replace(MARKS, '')];
    const base = compareBases(left.toLowerCase(), right.toLowerCase(), state.numeric);
    if (base !== 0 || state.sensitivity === 'base') return base;
    if (state.sensitivity !== 'case') {
      const accents = order(one.toLowerCase(), other.toLowerCase());
      if (accents !== 0 || state.sensitivity === 'accent') return accents;
    }
    return compareCases(left, right, state.caseFirst === 'upper');
  };

  gharial.Collator = define('Collator', (options) => ({
    usage: word(options, 'usage', ['sort', 'search'], 'sort'),
    sensitivity: word(options, 'sensitivity', ['base', 'accent', 'case', 'variant'], 'variant'),
    ignorePunctuation: !!options.ignorePunctuation,
    numeric: !!options.numeric,
    caseFirst: word(options, 'caseFirst', ['upper', 'lower', 'false'], 'false'),
  }), (stateOf) => ({
    get compare() {
      const state = stateOf(this);
      return (state.bound ??= Object.defineProperty(
        (one, other) => compare(state, one, other), 'name', { value: '' }));
    },
    resolvedOptions() {
      const { bound, ...options } = stateOf(this);
      return { locale: LOCALE, ...options, collation: 'default' };
    },
  }), true);
})
