// Which headers of a request browsers keep for themselves.
//
// Leaves in `gharial`: isForbiddenHeader. Source: the Fetch standard, section 2.2.2.
(function (gharial) {
  'use strict';
  const NAMES = /^(accept-(charset|encoding)|access-control-request-(headers|method)|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|(proxy|sec)-.*)$/i;
  const METHOD_NAMES = /^x-(http-method|http-method-override|method-override)$/i;
  const METHODS = /(^|,)[\t ]*(connect|trace|track)[\t ]*(,|$)/i;

  gharial.isForbiddenHeader = (name, value) =>
    NAMES.test(name) || (METHOD_NAMES.test(name) && METHODS.test(value));
})
