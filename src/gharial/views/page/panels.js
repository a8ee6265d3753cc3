// The charts of the page. A chart without values is not shown.

const NAMES = { [AVERAGE]: "average", [MINIMUM]: "lowest", [MAXIMUM]: "highest" };

function percentileName(index) {
  return NAMES[index] ?? `p${model.run.percents[index - FIRST_PERCENTILE]}`;
}

function percentileLines(key) {
  return model.has("d", key) ? percentilesOf(key) : [];
}

function percentilesOf(key) {
  return [...view.indexes].sort((a, b) => order(a) - order(b)).map((index) => ({
    label: percentileName(index),
    value: statistic(key, index),
  }));
}

// Average and minimum first, then percentiles, maximum last.
const order = (index) => (index === MAXIMUM ? 99 : index);

const plainPercent = (value) => (value === null ? "–" : `${format.number(value)}%`);

// For each value of a line: the group of a point that has it, and what reads it.
const READERS = {
  rate: ["c", rate],
  gauge: ["g", gauge],
  share: ["s", share],
  passed: ["s", passRate],
  failed: ["s", failRate],
  average: ["d", (key) => statistic(key, AVERAGE)],
  p95: ["d", (key) => statistic(key, FIRST_PERCENTILE + 2)],
  p99: ["d", (key) => statistic(key, FIRST_PERCENTILE + 3)],
};
const PER_SECOND = ["rate", "passed", "failed"];

function linesOf({ metric, value, label, kindLabel, kindTag }) {
  if (value === "percentiles") return percentileLines(metric);
  const [group, reader] = READERS[value];
  const kinds = kindLabel ? model.kinds(metric, kindTag, group) : [];
  if (kinds.length > (label ? 1 : 0)) {
    return kinds.map(([key, kind]) => ({ label: kindLabel.replace("*", () => kind), value: reader(key) }));
  }
  return label && model.has(group, metric) ? [{ label, value: reader(metric) }] : [];
}

function unitOf({ unit, lines: [{ metric, value }] }) {
  if (unit === "%") return plainPercent;
  if (value === "share") return format.percent;
  const plain = format.of(model.contains(metric));
  return PER_SECOND.includes(value) ? (number) => `${plain(number)}/s` : plain;
}

// The rows of the built-in metrics say which charts there are.
const panelOf = (chart) => ({ ...chart, metrics: chart.lines, unit: unitOf(chart), lines: () => chart.lines.flatMap(linesOf) });

const HEAT = {
  id: "heat", isHeat: true, title: "Heat map", note: "number of values by duration; darker is more", unit: format.time,
  keys() {
    const times = Object.keys(model.run.metrics).filter((key) => model.contains(key) === "time");
    const first = model.run.tiles.map((tile) => tile.metric);
    const place = (key) => (first.includes(key) ? first.indexOf(key) : first.length);
    return times.filter((key) => model.hasValues("h", key)).sort((a, b) => place(a) - place(b));
  },
  lines() {
    const keys = this.keys();
    if (!keys.length) return [];
    return [{ label: "most at", value: (point) => {
      const cells = point.h[heatMap.key()] ?? [];
      return cells.reduce((most, cell) => (!most || cell[1] > most[1] ? cell : most), null)?.[0] ?? null;
    } }];
  },
};
// The heat map stands before this chart.
const AFTER_HEAT = "connect";

// The script's custom metrics, one chart each.
function customPanel(name) {
  const { type, contains } = model.run.metrics[name];
  const unit = format.of(contains);
  const ownLines = (group, value) =>
    (model.hasValues(group, name) ? [{ label: name, value: value(name) }] : []);
  const value = { counter: "rate", gauge: "gauge", rate: "share" }[type] ?? "percentiles";
  const panel = { id: `own-${name}`, title: name, note: `custom ${type}`, unit, metrics: [{ metric: name, value }] };
  if (type === "counter") {
    panel.unit = (value) => `${unit(value)}/s`;
    panel.lines = () => ownLines("c", rate);
  } else if (type === "gauge") {
    panel.lines = () => ownLines("g", gauge);
  } else if (type === "rate") {
    panel.unit = format.percent;
    panel.lines = () => ownLines("s", share);
  } else {
    panel.lines = () => (model.hasValues("d", name) ? percentilesOf(name) : []);
  }
  return panel;
}

let charts = [];
let heatMap = null;

function makeCharts() {
  for (const chart of charts) chart.remove();
  const own = Object.keys(model.run.metrics).filter((name) => !model.isOurs(name)).map(customPanel);
  const panels = model.run.charts.map(panelOf);
  const place = panels.findIndex((panel) => panel.id === AFTER_HEAT);
  panels.splice(place < 0 ? panels.length : place, 0, HEAT);
  charts = [...panels, ...own].map((panel) => {
    if (!panel.isHeat) return new Chart(panel);
    heatMap = new HeatMap(panel);
    return heatMap;
  });
  byId("charts").replaceChildren(...charts.map((chart) => {
    chart.figure.id = `chart-${chart.definition.id}`;
    chart.figure.hidden = true;
    return chart.figure;
  }));
}

