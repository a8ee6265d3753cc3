// `import.meta`: a module's address. Source: HTML, section 8.1.6.9, HostGetImportMetaProperties.
//
// Leaves in `gharial`: tellAddress.
(function (gharial) {
  'use strict';
  gharial.tellAddress = (meta, name, address) => {
    meta.url = address;
    meta.resolve = function resolve(specifier) {
      gharial.required(1, arguments.length, "'resolve'");
      const [url, problem] = gharial.host.resolvedAddress(`${specifier}`, name);
      if (problem !== undefined) throw new TypeError(problem);
      return url;
    };
  };
})
