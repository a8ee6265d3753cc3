// Intl and the methods that follow a locale, in English as in the United States; see
// javascript_cases.py. Node.js 20 has other spaces before AM and PM (U+202F), and more locales.
const plain = (text) => text.replace(/[\u202f\u00a0]/g, ' ');
const AT = Date.UTC(2024, 0, 2, 15, 4, 5, 67);
const numbers = (options, ...values) => values.map((value) => new Intl.NumberFormat('en-US', options).format(value));
const date = (options, at = AT) => plain(new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options }).format(at));

//// NumberFormat: decimals
return numbers(undefined, 0, -0, 1234.5678, -1234567.891, 1e21, 0.0005, 0.00049, NaN, -Infinity, 123456789012345678901n, '12.5', null, 1.0005);
//= ["0", "-0", "1,234.568", "-1,234,567.891", "1,000,000,000,000,000,000,000", "0.001", "0", "NaN", "-\u221e", "123,456,789,012,345,678,901", "12.5", "0", "1.001"]

//// NumberFormat: digits
return [numbers({ minimumFractionDigits: 2 }, 1, 1.005, 1234.5678), numbers({ maximumFractionDigits: 2 }, 1.005, 0.615, 9.995, 0.004, 1e-7, 5e-324), numbers({ maximumFractionDigits: 0 }, 0.5, 1.5, 2.4999, -0.4), numbers({ minimumIntegerDigits: 3 }, 7, 1234),
  numbers({ maximumSignificantDigits: 3 }, 123456, 0.0012345, 1, 0, 99999), numbers({ minimumSignificantDigits: 4 }, 1, 0.5, 12345, 0), numbers({ useGrouping: false }, 1234567)];
//= [["1.00", "1.005", "1,234.568"], ["1.01", "0.62", "10", "0", "0", "0"], ["1", "2", "2", "-0"], ["007", "1,234"], ["123,000", "0.00123", "1", "0", "100,000"], ["1.000", "0.5000", "12,345", "0.000"], ["1234567"]]

//// NumberFormat: percents and currencies
return [numbers({ style: 'percent' }, 0.145, 0.005, 0.256, 1, -0.5, 12.345), numbers({ style: 'percent', maximumFractionDigits: 1 }, 0.2567),
  ...['USD', 'EUR', 'JPY', 'CAD', 'CHF', 'usd'].map((currency) => numbers({ style: 'currency', currency }, 1234.5, -1, 0).map(plain)),
  numbers({ style: 'currency', currency: 'USD', maximumFractionDigits: 0 }, 1234.5), numbers({ style: 'currency', currency: 'USD', currencyDisplay: 'code' }, 1).map(plain),
  numbers({ style: 'currency', currency: 'CAD', currencyDisplay: 'narrowSymbol' }, 1)];
//= [["15%", "1%", "26%", "100%", "-50%", "1,235%"], ["25.7%"], ["$1,234.50", "-$1.00", "$0.00"], ["\u20ac1,234.50", "-\u20ac1.00", "\u20ac0.00"], ["\u00a51,235", "-\u00a51", "\u00a50"], ["CA$1,234.50", "-CA$1.00", "CA$0.00"], ["CHF 1,234.50", "-CHF 1.00", "CHF 0.00"], ["$1,234.50", "-$1.00", "$0.00"], ["$1,235"], ["USD 1.00"], ["$1.00"]]

//// NumberFormat: signs and compact numbers
return [['auto', 'never', 'always', 'exceptZero', 'negative'].map((signDisplay) => numbers({ signDisplay }, -1, 0, -0, 1)),
  numbers({ notation: 'compact' }, 0, 1.25, 12.5, 999, 1000, 1234, 12345, 999999, 1500000, 12e8, -1234, 999499, 9950, 99.5, 123456789n, 0.0123), numbers({ notation: 'compact', compactDisplay: 'long' }, 1234, 5e6)];
//= [[["-1", "0", "-0", "1"], ["1", "0", "0", "1"], ["-1", "+0", "-0", "+1"], ["-1", "0", "0", "+1"], ["-1", "0", "0", "1"]], ["0", "1.3", "13", "999", "1K", "1.2K", "12K", "1M", "1.5M", "1.2B", "-1.2K", "999K", "10K", "100", "123M", "0.012"], ["1.2 thousand", "5 million"]]

//// NumberFormat: parts and options
const format = new Intl.NumberFormat('de', { style: 'currency', currency: 'EUR' });
return [new Intl.NumberFormat('en-US', { style: 'currency', currency: 'EUR' }).formatToParts(-1234.5), [1, 2].map(new Intl.NumberFormat('en').format),
  new Intl.NumberFormat('en-US').resolvedOptions().maximumFractionDigits, Intl.NumberFormat('en-US') instanceof Intl.NumberFormat, `${format}`, `${Intl}`];
//= [[{"type": "minusSign", "value": "-"}, {"type": "currency", "value": "\u20ac"}, {"type": "integer", "value": "1"}, {"type": "group", "value": ","}, {"type": "integer", "value": "234"}, {"type": "decimal", "value": "."}, {"type": "fraction", "value": "50"}], ["1", "2"], 3, true, "[object Intl.NumberFormat]", "[object Intl]"]

//// what is refused
const refused = (options) => kind(() => { new Intl.NumberFormat('en', options); });
return [refused({ style: 'money' }), refused({ style: 'currency' }), refused({ style: 'currency', currency: 'EURO' }), refused({ minimumFractionDigits: 101 }),
  refused({ minimumFractionDigits: 3, maximumFractionDigits: 2 }), refused(null), kind(() => { new Intl.NumberFormat('en_US'); }), kind(() => { new Intl.NumberFormat(''); }),
  kind(() => { new Intl.NumberFormat(null); }), kind(() => Intl.getCanonicalLocales(['EN-us', 'zh-hans-cn', 'en-US'])), kind(() => { new Intl.DateTimeFormat('en', { timeZone: 'Mars/Base' }); }),
  kind(() => new Intl.DateTimeFormat('en').format(NaN)), kind(() => Intl.PluralRules()), Intl.NumberFormat.supportedLocalesOf(['en-US', 'en'])];
//= ["RangeError", "TypeError", "RangeError", "RangeError", "RangeError", "TypeError", "RangeError", "RangeError", "TypeError", ["en-US", "zh-Hans-CN"], "RangeError", "RangeError", "TypeError", ["en-US", "en"]]

//// DateTimeFormat: fields
return [date(), date({ dateStyle: 'full' }), date({ dateStyle: 'long' }), date({ dateStyle: 'medium' }), date({ dateStyle: 'short' }), date({ year: 'numeric', month: '2-digit', day: '2-digit' }),
  date({ year: 'numeric', month: 'long' }), date({ month: 'short', day: 'numeric' }), date({ month: 'long' }), date({ weekday: 'long' }), date({ weekday: 'short', month: 'short', day: 'numeric' }),
  date({ year: '2-digit', month: 'numeric' }), date({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }), date({ weekday: 'short', year: 'numeric', month: 'numeric', day: 'numeric' }),
  date({ year: 'numeric' }), date({ day: 'numeric' }), date({ month: 'narrow' }), date({ weekday: 'short', day: 'numeric' })];
//= ["1/2/2024", "Tuesday, January 2, 2024", "January 2, 2024", "Jan 2, 2024", "1/2/24", "01/02/2024", "January 2024", "Jan 2", "January", "Tuesday", "Tue, Jan 2", "1/24", "Tuesday, January 2, 2024", "Tue, 1/2/2024", "2024", "2", "J", "2 Tue"]

//// DateTimeFormat: times
return [date({ timeStyle: 'short' }), date({ timeStyle: 'medium' }), date({ timeStyle: 'long' }), date({ hour: 'numeric' }), date({ hour: '2-digit', minute: '2-digit' }),
  date({ hour: 'numeric', minute: 'numeric', second: 'numeric' }), date({ hour: 'numeric', minute: '2-digit', hourCycle: 'h23' }), date({ minute: '2-digit', second: '2-digit' }), date({ minute: 'numeric' }),
  date({ hour: 'numeric', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }), date({ timeStyle: 'short' }, Date.UTC(2024, 0, 2)), date({ timeStyle: 'short' }, Date.UTC(2024, 0, 2, 12)),
  date({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }, Date.UTC(2024, 0, 2)), date({ hour: 'numeric', hourCycle: 'h23' })];
//= ["3:04 PM", "3:04:05 PM", "3:04:05 PM UTC", "3 PM", "03:04 PM", "3:04:05 PM", "15:04", "04:05", "4", "3:04:05.067 PM", "12:00 AM", "12:00 PM", "00:00:00", "15"]

//// DateTimeFormat: dates with times
return [date({ dateStyle: 'short', timeStyle: 'short' }), date({ dateStyle: 'medium', timeStyle: 'medium' }), date({ dateStyle: 'full', timeStyle: 'short' }), date({ dateStyle: 'long', timeStyle: 'short' }),
  date({ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: '2-digit' }), date({ year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' }),
  date({ year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }), date({ month: '2-digit', day: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short' })];
//= ["1/2/24, 3:04 PM", "Jan 2, 2024, 3:04:05 PM", "Tuesday, January 2, 2024 at 3:04 PM", "January 2, 2024 at 3:04 PM", "1/2/2024, 3:04 PM", "January 2, 2024 at 3:04 PM", "Jan 2, 2024, 3:04 PM", "01/02/2024, 15:04:05 UTC"]

//// DateTimeFormat: time zones
const at = (timeZone, ms = AT) => date({ timeZone, dateStyle: 'short', timeStyle: 'long' }, ms);
return [at('America/New_York'), at('America/Los_Angeles', Date.UTC(2024, 6, 1)), at('Europe/Berlin'), at('Asia/Kolkata'), at('utc'), at('Asia/Tokyo', Date.UTC(2024, 0, 1, 20)),
  new Intl.DateTimeFormat('en', { timeZone: 'europe/berlin' }).resolvedOptions().timeZone, date({ timeZone: 'Asia/Kolkata', timeZoneName: 'longOffset' }), date({ timeZoneName: 'shortOffset', timeZone: 'America/New_York' })];
//= ["1/2/24, 10:04:05 AM EST", "6/30/24, 5:00:00 PM PDT", "1/2/24, 4:04:05 PM GMT+1", "1/2/24, 8:34:05 PM GMT+5:30", "1/2/24, 3:04:05 PM UTC", "1/2/24, 5:00:00 AM GMT+9", "Europe/Berlin", "1/2/2024, GMT+05:30", "1/2/2024, GMT-5"]

//// DateTimeFormat: parts, as libraries of time zones read them
const parts = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(AT);
return [parts.map(({ type, value }) => [type, value]), typeof new Intl.DateTimeFormat().resolvedOptions().timeZone, new Intl.DateTimeFormat('en-US', { timeZone: 'UTC' }).resolvedOptions()];
//= [[["month", "01"], ["literal", "/"], ["day", "02"], ["literal", "/"], ["year", "2024"], ["literal", ", "], ["hour", "10"], ["literal", ":"], ["minute", "04"], ["literal", ":"], ["second", "05"]], "string", {"locale": "en-US", "calendar": "gregory", "numberingSystem": "latn", "timeZone": "UTC", "year": "numeric", "month": "numeric", "day": "numeric"}]

//// methods
const at = new Date(AT);
const zone = { timeZone: 'UTC' };
return [(1234.5).toLocaleString(), (0.5).toLocaleString('en-US', { style: 'percent' }), 12345678901234567890n.toLocaleString(), [1000, 2000].toLocaleString(), plain(at.toLocaleString('en-US', zone)), plain(at.toLocaleDateString('en-US', zone)),
  plain(at.toLocaleTimeString('en-US', zone)), at.toLocaleDateString('en-US', { ...zone, month: 'long' }), plain(at.toLocaleTimeString('en-US', { ...zone, hour: '2-digit', minute: '2-digit' })), plain(at.toLocaleDateString('en-US', { ...zone, hour: 'numeric' })),
  kind(() => at.toLocaleTimeString('en-US', { dateStyle: 'short' })), new Date(NaN).toLocaleString(), kind(() => Number.prototype.toLocaleString.call('1')), kind(() => Date.prototype.toLocaleString.call({})),
  plain(at.toLocaleString('en-US', { ...zone, dateStyle: 'medium' }))];
//= ["1,234.5", "50%", "12,345,678,901,234,567,890", "1,000,2,000", "1/2/2024, 3:04:05 PM", "1/2/2024", "3:04:05 PM", "January", "03:04 PM", "1/2/2024, 3 PM", "TypeError", "Invalid Date", "TypeError", "TypeError", "Jan 2, 2024"]

//// PluralRules
const cardinal = new Intl.PluralRules('en-US');
const ordinal = new Intl.PluralRules('en-US', { type: 'ordinal' });
return [[0, 1, -1, 1.5, 2, NaN].map((value) => cardinal.select(value)), [1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 113].map((value) => ordinal.select(value)),
  new Intl.PluralRules('en', { minimumFractionDigits: 1 }).select(1), [...cardinal.resolvedOptions().pluralCategories].sort(), [...ordinal.resolvedOptions().pluralCategories].sort()];
//= [["other", "one", "one", "other", "other", "other"], ["one", "two", "few", "other", "other", "other", "other", "one", "two", "one", "other"], "other", ["one", "other"], ["few", "one", "other", "two"]]

//// Collator: the order of ASCII
return Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).concat(['\t', '\n', '\r']).sort((a, b) => a.localeCompare(b)).join('');
//= "\t\n\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ"

//// Collator
const sorted = (list, options) => [...list].sort(new Intl.Collator('en', options).compare);
const words = ['b', 'a', 'B', 'A', 'á', 'résumé', 'resume', 'Resume', 'Z', 'z10', 'z2', '10', '2', '_', ' x', 'äb', 'ab', ''];
return [sorted(words), sorted(words, { numeric: true }), sorted(['a', 'A', 'B', 'b'], { caseFirst: 'upper' }),
  ['base', 'accent', 'case', 'variant'].map((sensitivity) => ['a', 'A', 'á', 'b'].map((other) => new Intl.Collator('en', { sensitivity }).compare('a', other))),
  'a'.localeCompare('B'), 'a'.localeCompare('A'), 'a'.localeCompare('á'), 'a'.localeCompare('a'), 'file10'.localeCompare('file9', undefined, { numeric: true }), 'a'.localeCompare('A', 'en', { sensitivity: 'base' })];
//= [["", " x", "_", "10", "2", "a", "A", "\u00e1", "ab", "\u00e4b", "b", "B", "resume", "Resume", "r\u00e9sum\u00e9", "Z", "z10", "z2"], ["", " x", "_", "2", "10", "a", "A", "\u00e1", "ab", "\u00e4b", "b", "B", "resume", "Resume", "r\u00e9sum\u00e9", "Z", "z2", "z10"], ["A", "a", "B", "b"], [[0, 0, 0, -1], [0, 0, -1, -1], [0, -1, 0, -1], [0, -1, -1, -1]], -1, -1, -1, 0, 1, 0]
