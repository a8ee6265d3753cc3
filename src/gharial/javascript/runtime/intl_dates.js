// Intl.DateTimeFormat in English as in the United States.
//
// Leaves in `gharial`: DateTimeFormat. Source: ECMA-402, section 11; the patterns are CLDR's
// for en-US, with plain spaces before AM and PM.
(function (gharial) {
  'use strict';
  const { LOCALE, define, joined, number, word } = gharial.intlCore;
  const { host } = gharial;
  const MONTHS = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December',
  ];
  const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const STYLES = ['full', 'long', 'medium', 'short'];
  const DATE_STYLES = {
    full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
    long: { year: 'numeric', month: 'long', day: 'numeric' },
    medium: { year: 'numeric', month: 'short', day: 'numeric' },
    short: { year: '2-digit', month: 'numeric', day: 'numeric' },
  };
  const WITH_SECONDS = { hour: 'numeric', minute: '2-digit', second: '2-digit' };
  const TIME_STYLES = {
    full: { ...WITH_SECONDS, timeZoneName: 'short' },
    long: { ...WITH_SECONDS, timeZoneName: 'short' },
    medium: WITH_SECONDS,
    short: { hour: 'numeric', minute: '2-digit' },
  };
  const TEXTS = ['narrow', 'short', 'long'];
  const NUMBERS = ['numeric', '2-digit'];
  const FIELDS = {
    weekday: TEXTS, era: TEXTS, year: NUMBERS, month: [...NUMBERS, ...TEXTS], day: NUMBERS,
    dayPeriod: TEXTS, hour: NUMBERS, minute: NUMBERS, second: NUMBERS,
    timeZoneName: ['short', 'long', 'shortOffset', 'longOffset', 'shortGeneric', 'longGeneric'],
  };
  const DATE_FIELDS = ['weekday', 'year', 'month', 'day'];
  const TIME_FIELDS = ['dayPeriod', 'hour', 'minute', 'second', 'fractionalSecondDigits'];

  const readZone = (options) => {
    const given = options.timeZone;
    if (given === undefined) return host.localZone();
    const name = host.zoneName(`${given}`);
    if (name === null) throw new RangeError(`Intl.DateTimeFormat: there is no time zone '${given}'`);
    return name;
  };

  const readFields = (options, needed) => {
    const fields = {};
    for (const name in FIELDS) {
      const value = word(options, name, FIELDS[name], undefined);
      if (value !== undefined) fields[name] = value;
    }
    for (const name of ['era', 'dayPeriod']) {
      if (name in fields) throw new RangeError(`Intl.DateTimeFormat: ${name} is not supported`);
    }
    const digits = number(options, 'fractionalSecondDigits', 1, 3, undefined);
    if (digits !== undefined) fields.fractionalSecondDigits = digits;
    const [dateStyle, timeStyle] = ['dateStyle', 'timeStyle'].map((name) =>
      word(options, name, STYLES, undefined));
    if (dateStyle === undefined && timeStyle === undefined) return withDefaults(fields, needed);
    if (Object.keys(fields).length > 0) {
      throw new TypeError('Intl.DateTimeFormat: a style cannot be used together with fields');
    }
    if ((needed[0] === 'date' && timeStyle) || (needed[0] === 'time' && dateStyle)) {
      throw new TypeError(`Intl.DateTimeFormat: the style is not one of a ${needed[0]}`);
    }
    return { ...DATE_STYLES[dateStyle], ...TIME_STYLES[timeStyle], dateStyle, timeStyle };
  };

  // `needed` says which fields are enough, and which are there if the script names none.
  const withDefaults = (fields, [required, defaults]) => {
    const has = (names) => names.some((name) => name in fields);
    const isEnough = (required !== 'time' && has(DATE_FIELDS)) ||
      (required !== 'date' && has(TIME_FIELDS));
    if (isEnough) return fields;
    const dates = { year: 'numeric', month: 'numeric', day: 'numeric' };
    return {
      ...fields, ...(defaults !== 'time' && dates), ...(defaults !== 'date' && WITH_SECONDS),
    };
  };

  const resolveWith = (needed) => (options) => {
    const fields = readFields(options, needed);
    const cycle = word(options, 'hourCycle', ['h11', 'h12', 'h23', 'h24'], 'h12');
    const is12 = options.hour12;
    return {
      timeZone: readZone(options),
      hourCycle: is12 === undefined ? cycle : is12 ? 'h12' : 'h23',
      fields,
    };
  };

  // -- Fields of a date ---------------------------------------------------------------

  const padded = (value, size = 2) => String(value).padStart(size, '0');

  const numeric = (value, form) => (form === '2-digit' ? padded(value % 100) : String(value));

  const named = (names, index, form) => {
    const name = names[index];
    return form === 'long' ? name : form === 'narrow' ? name[0] : name.slice(0, 3);
  };

  const offsetText = (minutes, isLong) => {
    if (minutes === 0) return 'GMT';
    const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    const sign = minutes < 0 ? '-' : '+';
    if (isLong) return `GMT${sign}${padded(hours)}:${padded(rest)}`;
    return `GMT${sign}${hours}${rest ? `:${padded(rest)}` : ''}`;
  };

  const zoneText = (form, abbreviation, minutes) => {
    if (form.endsWith('Offset')) return offsetText(minutes, form === 'longOffset');
    return abbreviation || offsetText(minutes, false);
  };

  const hourText = (hour, form, cycle) => {
    const shown = { h11: hour % 12, h12: hour % 12 || 12, h23: hour, h24: hour || 24 }[cycle];
    const isLong = form === '2-digit' || cycle === 'h23' || cycle === 'h24';
    return isLong ? padded(shown) : String(shown);
  };

  const textsOf = ({ fields, hourCycle, timeZone }, timeMs) => {
    const [minutes, abbreviation] = host.zoneAt(timeZone, timeMs);
    const date = new Date(timeMs + minutes * 60_000);
    const year = date.getUTCFullYear();
    const month = date.getUTCMonth();
    const isTextual = TEXTS.includes(fields.month);
    const isAlone = fields.hour === undefined;
    const sized = (value, form) => (isAlone && fields.minute === undefined || isAlone && fields.second === undefined
      ? numeric(value, form) : padded(value));
    return {
      weekday: fields.weekday && named(DAYS, date.getUTCDay(), fields.weekday),
      year: fields.year && numeric(year, fields.year),
      month: fields.month && (isTextual ? named(MONTHS, month, fields.month) : numeric(month + 1, fields.month)),
      day: fields.day && numeric(date.getUTCDate(), fields.day),
      hour: fields.hour && hourText(date.getUTCHours(), fields.hour, hourCycle),
      minute: fields.minute && sized(date.getUTCMinutes(), fields.minute),
      second: fields.second && sized(date.getUTCSeconds(), fields.second),
      fractionalSecond: fields.fractionalSecondDigits &&
        padded(date.getUTCMilliseconds(), 3).slice(0, fields.fractionalSecondDigits),
      dayPeriod: fields.hour && /h1[12]/.test(hourCycle) && (date.getUTCHours() < 12 ? 'AM' : 'PM'),
      timeZoneName: fields.timeZoneName && zoneText(fields.timeZoneName, abbreviation, minutes),
    };
  };

  // -- Patterns -----------------------------------------------------------------------

  // Joins the fields that are there; a separator is put before each but the first.
  const sequence = (texts, ...pieces) => {
    const parts = [];
    for (const [separator, type] of pieces) {
      if (!texts[type]) continue;
      if (parts.length > 0) parts.push({ type: 'literal', value: separator });
      parts.push({ type, value: texts[type] });
    }
    return parts;
  };

  const datePartsOf = (texts, fields) => {
    if (!TEXTS.includes(fields.month)) {
      const numbers = sequence(texts, ['', 'month'], ['/', 'day'], ['/', 'year']);
      if (!texts.weekday) return numbers;
      if (texts.day && !texts.month) return sequence(texts, ['', 'day'], [' ', 'weekday']);
      const weekday = { type: 'weekday', value: texts.weekday };
      return numbers.length === 0 ? [weekday] : [weekday, { type: 'literal', value: ', ' }, ...numbers];
    }
    return sequence(
      texts, ['', 'weekday'], [', ', 'month'], [' ', 'day'], [texts.day ? ', ' : ' ', 'year']);
  };

  const partsOf = (state, given) => {
    const timeMs = given === undefined ? host.nowMs() : Number(given);
    if (!(Math.abs(timeMs) <= 8.64e15)) throw new RangeError('Invalid time value');
    const { fields } = state;
    const texts = textsOf(state, Math.floor(timeMs));
    const dates = datePartsOf(texts, fields);
    const times = sequence(
      texts, ['', 'hour'], [':', 'minute'], [':', 'second'], ['.', 'fractionalSecond'],
      [' ', 'dayPeriod'], [' ', 'timeZoneName']);
    if (dates.length === 0 || times.length === 0) return [...dates, ...times];
    const isSpoken = fields.dateStyle === 'full' || fields.dateStyle === 'long' ||
      (fields.month === 'long' && fields.dateStyle === undefined && fields.hour !== undefined);
    return [...dates, { type: 'literal', value: isSpoken ? ' at ' : ', ' }, ...times];
  };

  const make = (needed) => define('DateTimeFormat', resolveWith(needed), (stateOf) => ({
    get format() {
      const state = stateOf(this);
      return (state.bound ??= Object.defineProperty(
        (date = undefined) => joined(partsOf(state, date)), 'name', { value: '' }));
    },
    formatToParts(date = undefined) {
      return partsOf(stateOf(this), date);
    },
    resolvedOptions() {
      const { timeZone, hourCycle, fields } = stateOf(this);
      const { dateStyle, timeStyle, ...rest } = fields;
      const hasStyle = dateStyle !== undefined || timeStyle !== undefined;
      return {
        locale: LOCALE, calendar: 'gregory', numberingSystem: 'latn', timeZone,
        ...(rest.hour !== undefined && { hourCycle, hour12: /h1[12]/.test(hourCycle) }),
        ...(hasStyle ? {} : rest), ...(dateStyle && { dateStyle }), ...(timeStyle && { timeStyle }),
      };
    },
  }), true);

  gharial.DateTimeFormat = make(['any', 'date']);
  // What Date's own methods format with.
  gharial.intlCore.dateFormats = {
    toLocaleString: make(['any', 'all']),
    toLocaleDateString: make(['date', 'date']),
    toLocaleTimeString: make(['time', 'time']),
  };
})
