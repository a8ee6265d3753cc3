// What is known of the run, whether it came event by event or in one piece.

const AVERAGE = 1, MINIMUM = 2, MAXIMUM = 3, FIRST_PERCENTILE = 4;
// A page that has been open for so many seconds asks for the history anew, thinned out.
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
  log: [],
  warnings: [],
  canControl: false,

  setFinal(final, duration) {
    model.final = final;
    model.finalByName = new Map(final.map((metric) => [metric.name, metric]));
    model.duration = duration;
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

  // Parts of a metric that points have: [key, kind] of "ws_errors{reason:refused}".
  kinds(name, tag, group) {
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
    return model.points.some((point) => key in point[group]);
  },
};

const rate = (key) => (point) => {
  const seconds = point.b - point.a;
  return seconds > 0 ? (point.c[key] ?? 0) / seconds : null;
};
const gauge = (key) => (point) => point.g[key] ?? null;
const share = (key) => (point) => (point.s[key]?.[1] ? point.s[key][0] / point.s[key][1] : null);
const statistic = (key, index) => (point) => point.d[key]?.[index] ?? null;
const failures = (key) => (point) => {
  const seconds = point.b - point.a;
  return point.s[key] && seconds > 0 ? (point.s[key][1] - point.s[key][0]) / seconds : null;
};

