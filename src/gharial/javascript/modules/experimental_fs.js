// The module `k6/experimental/fs`: files that are opened while the script starts and read
// piece by piece. Their bytes are kept once for all virtual users of a process.
//
// Leaves in `gharial`: fileOf, which csv.js asks for what a file reads.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

export const SeekMode = Object.freeze({ Start: 0, Current: 1, End: 2 });

export class FSError extends Error {
  constructor(kind, message) {
    super(message);
    this.name = kind;
  }
}

const wholeNumber = (value, name) => {
  if (value === undefined || value === null) {
    throw new FSError('TypeError', `seek(): ${name} must not be null or undefined`);
  }
  if (!Number.isSafeInteger(value)) {
    throw new FSError('TypeError', `seek(): ${name} must be a whole number`);
  }
  return value;
};

class File {
  #bytes;
  #size;
  #at = 0;

  constructor(path, bytes, size) {
    this.path = path;
    this.#bytes = bytes;
    this.#size = size;
  }

  async stat() {
    return { name: this.path.split(/[\\/]/).pop(), size: this.#size };
  }

  async read(into) {
    if (!(into instanceof Uint8Array)) {
      throw new FSError('TypeError', 'read() takes a Uint8Array, which it fills');
    }
    if (this.#at === this.#size) return null;
    const count = Math.min(into.length, this.#size - this.#at);
    if (count > 0) {
      into.set(new Uint8Array(host.fileBytes(this.#bytes, this.#at, this.#at + count)));
    }
    this.#at += count;
    return count;
  }

  async seek(offset, whence) {
    const by = wholeNumber(offset, 'the offset');
    let at;
    switch (wholeNumber(whence, 'the second argument, a SeekMode,')) {
      case SeekMode.Start:
        if (by < 0) throw new FSError('TypeError', 'seek(): an offset from the start must not be negative');
        at = by;
        break;
      case SeekMode.Current:
        at = this.#at + by;
        break;
      case SeekMode.End:
        // As in k6, 0 is the last byte and not the end.
        if (by > 0) throw new FSError('TypeError', 'seek(): an offset from the end must not be positive');
        at = this.#size - 1 + by;
        break;
      default:
        throw new FSError('TypeError', 'seek(): the second argument must be a SeekMode');
    }
    if (at < 0) throw new FSError('TypeError', 'seek(): that is before the start of the file');
    if (at > this.#size) throw new FSError('TypeError', 'seek(): that is behind the end of the file');
    this.#at = at;
    return at;
  }

  // Returns what is left of a file to read, which counts as read then; null for what is
  // no file.
  static takeRest(value) {
    if (typeof value !== 'object' || value === null || !(#bytes in value)) return null;
    const start = value.#at;
    value.#at = value.#size;
    return { path: value.path, bytes: value.#bytes, start };
  }
}

gharial.fileOf = File.takeRest;

export async function open(path) {
  if (path === undefined || path === null || `${path}` === '') {
    throw new FSError('TypeError', 'open() needs the path of a file');
  }
  gharial.load('open');
  const [kind, problem, ...opened] = host.fileOpen(`${path}`.replace(/^file:\/\//, ''), gharial.stackOf());
  if (kind !== null) throw new FSError(kind, problem);
  return new File(...opened);
}

export default { open, SeekMode, FSError };
