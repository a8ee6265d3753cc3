// The data of the run, whether they arrived as events or all at once.

const AVERAGE = 1, MINIMUM = 2, MAXIMUM = 3, FIRST_PERCENTILE = 4;
// After this many points the page requests the history again, with fewer points.
const POINTS_MAXIMUM = 2400;

const model = {
  isLive: true,
  run: null,
  points: [],
  final: [],
  finalByName: new Map(),
  duration: 0,
  status: null,
  end: null,
  checks: [],
  examples: {},
  exceptions: [],
  failures: [],
  names: [],
  moments: [],
  verdict: {},
  log: [],
  warnings: [],
  canControl: false,

  setFinal(final, duration) {
    model.final = final;
    model.finalByName = new Map(final.map((metric) => [metric.name, metric]));
    model.duration = duration;
  },

  // What has failed, and when.
  setHappened({ exceptions, failures, names, moments, verdict, began }) {
    Object.assign(model, { exceptions, failures: failures ?? [], names: names ?? [], moments: moments ?? [], verdict: verdict ?? {} });
    if (began) model.run.began = began;
  },

  // The time of day of a second of the run.
  wall(second) {
    return format.clock(model.run.began + second);
  },

  metric(name) {
    return model.run?.metrics[name.split("{")[0]];
  },

  contains(name) {
    return model.metric(name)?.contains ?? "default";
  },

  last() {
    return model.points[model.points.length - 1];
  },

  // A script may use the name of a built-in metric; it then has the script's meaning.
  isOurs(name) {
    const known = model.metric(name);
    return known === undefined || known.text !== "";
  },

  // Parts of a metric that points have: [key, kind] of "ws_errors{reason:refused}".
  kinds(name, tag, group) {
    if (!model.isOurs(name)) return [];
    const start = `${name}{${tag}:`;
    const found = new Set();
    for (const point of model.points) {
      for (const key of Object.keys(point[group])) {
        if (key.startsWith(start)) found.add(key);
      }
    }
    return [...found].sort().map((key) => [key, key.slice(start.length, -1)]);
  },

  has(group, key) {
    return model.isOurs(key) && model.hasValues(group, key);
  },

  hasValues(group, key) {
    return model.points.some((point) => key in point[group]);
  },
};

// The rate per second; the last moment of a run is too short for one.
const SHORT = 0.5;
const perSecondOf = (point, count) => {
  const seconds = point.b - point.a;
  return seconds >= SHORT || model.points.length < 3 ? count / Math.max(seconds, 0.001) : null;
};
const rate = (key) => (point) => perSecondOf(point, point.c[key] ?? 0);
const gauge = (key) => (point) => point.g[key] ?? null;
const share = (key) => (point) => (point.s[key]?.[1] ? point.s[key][0] / point.s[key][1] : null);
const statistic = (key, index) => (point) => point.d[key]?.[index] ?? null;
const passRate = (key) => (point) => (point.s[key] ? perSecondOf(point, point.s[key][0]) : null);
const failRate = (key) => (point) =>
  (point.s[key] ? perSecondOf(point, point.s[key][1] - point.s[key][0]) : null);

