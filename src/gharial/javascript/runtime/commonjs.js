// CommonJS files, each run once, when it is first required.
//
// Leaves in `gharial`: runCommonJs, requireIn, commonJsModule, tellKeys. Source: Node.js, "Modules: CommonJS modules".
(function (gharial) {
  'use strict';
  // By the file's name, from before it runs: files that require each other in a circle see
  // what is there so far.
  const files = new Map();
  // ES modules and ours, which cannot be loaded while somebody waits.
  const namespaces = new Map();

  const run = (name) => {
    const known = files.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {}, id: name, filename: name, loaded: false, children: [] };
    files.set(name, module);
    const folder = name.slice(0, Math.max(1, name.lastIndexOf('/')));
    try {
      const body = gharial.host.commonJsFile(name);
      module.require = requireIn(name);
      body.call(module.exports, module.exports, module.require, module, name, folder);
    } catch (error) {
      // As in Node.js: whoever asks again runs it again.
      files.delete(name);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  };

  const requireIn = (importer) => {
    const require = (name) => {
      const [kind, found] = gharial.host.requiredModule(`${name}`, importer);
      if (kind === 'commonjs') return run(found);
      if (kind === 'json') return (files.get(found) ?? readJson(found)).exports;
      if (kind === 'empty') return {};
      if (kind === 'problem') throw new Error(found);
      // Of a page it is not known before it is fetched that it is CommonJS.
      const file = files.get(found);
      if (file !== undefined) return file.exports;
      const namespace = namespaces.get(found);
      if (namespace === undefined) {
        throw new Error(
          `"${name}" is an ES module, which require() can load only if the file names it ` +
            'by a literal string; import it',
        );
      }
      if (kind === 'ours') return namespace.default ?? namespace;
      return namespace.__esModule ? namespace : asCommonJs(found, namespace);
    };
    require.main = undefined;
    require.cache = { __proto__: null };
    require.resolve = (name) => {
      const [kind, found] = gharial.host.requiredModule(`${name}`, importer);
      if (kind === 'problem') throw new Error(found);
      return found;
    };
    return require;
  };

  const readJson = (name) => {
    const module = { exports: JSON.parse(gharial.host.jsonFile(name)) };
    files.set(name, module);
    return module;
  };

  // As bundlers show an ES module to CommonJS: its exports, marked as such.
  const asCommonJs = (name, namespace) => {
    const shown = Object.defineProperty({}, '__esModule', { value: true });
    for (const key of Object.keys(namespace)) {
      Object.defineProperty(shown, key, { get: () => namespace[key], enumerable: true });
    }
    namespaces.set(name, shown);
    return shown;
  };

  const keep = (required) => {
    for (const [module, namespace] of required) {
      if (!namespaces.has(module)) namespaces.set(module, namespace);
    }
  };

  gharial.runCommonJs = (name, required) => {
    keep(required);
    return run(name);
  };

  // For an ES module: its own require(), as k6 has it.
  gharial.requireIn = (name, required) => {
    keep(required);
    return requireIn(name);
  };

  // What a file that has run exports; undefined for what is none.
  gharial.commonJsModule = (name) => files.get(name);

  // The members of a list are not names.
  gharial.tellKeys = (name, exports) => {
    const keys = Array.isArray(exports) ? [] : Object.keys(exports);
    gharial.host.commonJsRan(name, JSON.stringify(keys));
  };
})
