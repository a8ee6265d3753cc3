// The module `k6/experimental/csv`: records of a file that `k6/experimental/fs` has opened.
import 'k6/data';
import 'k6/experimental/fs';

const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const lineNumber = (options, name) => {
  if (options[name] === undefined || options[name] === null) return null;
  const line = Math.trunc(Number(options[name]));
  if (!(line >= 0)) throw new Error(`${name} must be a line's number, counted from 0, not ${options[name]}`);
  return line;
};

const read = (given) => {
  const options = given ?? {};
  return JSON.stringify({
    delimiter: options.delimiter === undefined ? ',' : `${options.delimiter}`,
    skip_first_line: Boolean(options.skipFirstLine),
    from_line: lineNumber(options, 'fromLine'),
    to_line: lineNumber(options, 'toLine'),
    as_objects: Boolean(options.asObjects),
  });
};

const restOf = (file, name) => {
  const rest = gharial.fileOf(file);
  if (rest === null) {
    throw new TypeError(`${name} takes a file that open() of k6/experimental/fs has opened`);
  }
  return rest;
};

export async function parse(file, options) {
  const wanted = read(options);
  const { path, bytes, start } = restOf(file, 'parse()');
  const [problem, name, length] = host.csvParse(path, bytes, start, wanted);
  if (problem !== null) throw new Error(problem);
  return gharial.sharedArray(name, length);
}

class CsvParser {
  #records;

  constructor(file, options) {
    if (!host.isInit()) {
      throw new Error('a csv.Parser must be made in the init context, at the top of the script');
    }
    const wanted = read(options);
    const { bytes, start } = restOf(file, 'csv.Parser');
    const [problem, records] = host.csvOpen(bytes, start, wanted);
    if (problem !== null) throw new Error(problem);
    this.#records = records;
  }

  async next() {
    const [problem, text] = host.csvNext(this.#records);
    if (problem !== null) throw new Error(problem);
    return text === null ? { done: true, value: [] } : { done: false, value: JSON.parse(text) };
  }
}

export const Parser = gharial.callable?.(CsvParser) ?? CsvParser;

export default { parse, Parser };
