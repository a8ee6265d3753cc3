// The methods of numbers, dates and strings that follow a locale, in the scripts that name
// them. Source: ECMA-402, section 19.
(function (gharial) {
  'use strict';
  const put = (prototype, methods) => {
    for (const name of Object.keys(methods)) {
      Object.defineProperty(prototype, name, {
        value: methods[name], writable: true, configurable: true, enumerable: false,
      });
    }
  };
  const intl = () => {
    gharial.load('intl');
    return gharial.intl;
  };
  const numberValue = Number.prototype.valueOf;
  const bigintValue = BigInt.prototype.valueOf;
  const timeOf = Date.prototype.getTime;

  put(Number.prototype, {
    toLocaleString(locales = undefined, options = undefined) {
      return new (intl().NumberFormat)(locales, options).format(numberValue.call(this));
    },
  });
  put(BigInt.prototype, {
    toLocaleString(locales = undefined, options = undefined) {
      return new (intl().NumberFormat)(locales, options).format(bigintValue.call(this));
    },
  });
  put(String.prototype, {
    localeCompare(other, locales = undefined, options = undefined) {
      if (this === undefined || this === null) throw new TypeError('localeCompare: there is no string');
      return new (intl().Collator)(locales, options).compare(`${this}`, `${other}`);
    },
  });
  const ofDate = (name) => ({
    [name](locales = undefined, options = undefined) {
      const time = timeOf.call(this);
      if (Number.isNaN(time)) return 'Invalid Date';
      intl();
      return new gharial.intlCore.dateFormats[name](locales, options).format(time);
    },
  });
  put(Date.prototype, ofDate('toLocaleString'));
  put(Date.prototype, ofDate('toLocaleDateString'));
  put(Date.prototype, ofDate('toLocaleTimeString'));
})
