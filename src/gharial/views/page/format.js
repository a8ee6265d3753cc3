// Numbers as people read them; the same units as in the summary on the terminal.

const format = {
  number(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const size = Math.abs(value);
    // Without exponents, however small.
    if (size !== 0 && size < 0.01) return value.toLocaleString("en", { maximumSignificantDigits: 2 });
    const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
    return value.toLocaleString("en", { maximumFractionDigits: digits });
  },

  // Milliseconds.
  time(ms) {
    if (ms === null || ms === undefined || Number.isNaN(ms)) return "–";
    const size = Math.abs(ms);
    if (size === 0) return "0s";
    if (size < 0.001) return `${format.number(ms * 1e6)}ns`;
    if (size < 1) return `${format.number(ms * 1e3)}µs`;
    if (size < 1000) return `${format.number(ms)}ms`;
    if (size < 60_000) return `${format.number(ms / 1000)}s`;
    return format.duration(ms / 1000);
  },

  bytes(count) {
    if (count === null || count === undefined || Number.isNaN(count)) return "–";
    let value = count;
    for (const unit of ["B", "kB", "MB", "GB"]) {
      if (Math.abs(value) < 1000) return `${format.number(value)} ${unit}`;
      value /= 1000;
    }
    return `${format.number(value)} TB`;
  },

  percent(share) {
    if (share === null || share === undefined || Number.isNaN(share)) return "–";
    // Cut off, not rounded: 99.999% is not 100%.
    return `${(Math.trunc(share * 1e4) / 100).toLocaleString("en")}%`;
  },

  // Seconds, as on a clock.
  duration(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (number) => String(number).padStart(2, "0");
    return h ? `${h}h${two(m)}m${two(s)}s` : m ? `${m}m${two(s)}s` : `${s}s`;
  },

  // The clock on the wall where the run was, not where the page is read.
  clock(epoch) {
    return new Date((epoch + format.zone_s) * 1000).toISOString().slice(11, 19);
  },

  date(epoch) {
    return `${new Date((epoch + format.zone_s) * 1000).toISOString().slice(0, 10)} ${format.clock(epoch)}`;
  },

  zone_s: -60 * new Date().getTimezoneOffset(),
  zone: "local time",

  // "UTC+01:00"; without one, the viewer's own.
  setZone(name) {
    const found = /^UTC([+-])(\d\d):(\d\d)/.exec(name ?? "");
    if (!found) return;
    format.zone = name;
    format.zone_s = (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 3600 + Number(found[3]) * 60);
  },

  // What a metric contains decides the format of its values.
  of(contains) {
    if (contains === "time") return format.time;
    return contains === "data" ? format.bytes : format.number;
  },
};

// A new element with text or children; text never becomes markup.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const byId = (id) => document.getElementById(id);

