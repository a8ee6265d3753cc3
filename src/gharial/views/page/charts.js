// Charts by uPlot: lines, and heat maps in its hooks. Each chart's values are in a table, too.

const SYNC = uPlot.sync("gharial");
const TABLE_ROWS = 40;
// Between marks of the time axis.
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
const view = { seconds: 0, zoom: null, indexes: new Set() };

// How what happened is drawn: never by its colour alone.
const MARKS = {
  start: { color: "--good", dash: [], sign: "▶" },
  stage: { color: "--soft", dash: [2, 3], sign: "◆" },
  end: { color: "--soft", dash: [], sign: "■" },
  breach: { color: "--bad", dash: [], sign: "✗" },
  mark: { color: "--warn", dash: [1, 3], sign: "!" },
};

const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colorOf = (index) => styleOf(`--s${(index % 8) + 1}`);

function visibleRange() {
  const last = model.last();
  if (view.zoom) return view.zoom;
  const end = last ? last.b : 1;
  const begin = view.seconds ? Math.max(0, end - view.seconds) : 0;
  return [begin, Math.max(end, begin + 1)];
}

function visiblePoints() {
  const [begin, end] = visibleRange();
  return model.points.filter((point) => point.b >= begin && point.a <= end);
}

function shownRange() {
  const [begin, end] = visibleRange();
  return `${model.wall(begin)} to ${model.wall(end)}`;
}

// The time of day, that of the run, and what happened then.
function momentText(second) {
  const [begin, end] = visibleRange();
  const near = (end - begin) / 100;
  const found = model.moments.find(([at]) => Math.abs(at - second) <= near);
  const happened = found ? ` ${(MARKS[found[1]] ?? MARKS.mark).sign} ${found[2]}` : "";
  return `${model.wall(second)} (${format.duration(second)})${happened}`;
}

// Whether a threshold's statistic is in the unit of what a line shows.
function isComparable(statistic, value) {
  if (["rate", "share"].includes(value)) return statistic === "rate";
  if (value === "gauge") return statistic === "value";
  return ["percentiles", "average", "p95", "p99"].includes(value) && !["count", "rate", "value"].includes(statistic);
}

class Chart {
  // title, note, unit (a function of format), lines: () => [{label, value}], heat: () => key
  constructor(definition) {
    this.definition = definition;
    this.plotElement = element("div", { class: "plot", role: "img" });
    this.table = element("table");
    const scroll = element(
      "div",
      { class: "scroll", tabindex: "0", role: "group", "aria-label": `${definition.title}, values` },
      this.table,
    );
    this.details = element("details", {}, element("summary", {}, "Values as a table"), scroll);
    this.details.addEventListener("toggle", () => this.drawTable());
    this.caption = element("figcaption", {}, element("h3", {}, definition.title));
    if (definition.note) this.caption.append(element("p", {}, definition.note));
    this.figure = element("figure", {}, this.caption, this.plotElement, this.details);
    this.plot = null;
    this.labels = "";
  }

  draw() {
    const lines = this.definition.lines();
    const isEmpty = lines.length === 0;
    this.figure.hidden = isEmpty;
    if (isEmpty) return;
    const labels = lines.map((line) => line.label).join("\n");
    if (!this.plot || labels !== this.labels) {
      this.remove();
      this.labels = labels;
      this.plot = new uPlot(this.options(lines), this.data(lines), this.plotElement);
    } else {
      this.plot.setData(this.data(lines), false);
    }
    const [min, max] = visibleRange();
    this.plot.batch(() => {
      this.plot.setScale("x", { min, max });
    });
    // Without a pointer over it, the legend sums up the shown range.
    if (this.plot.cursor.idx === null || this.plot.cursor.idx === undefined) {
      this.plot.setLegend({ idx: null }, false);
    }
    this.describe(lines);
    this.drawTable(lines);
  }

  remove() {
    this.plot?.destroy();
    this.plot = null;
  }

  resize() {
    this.plot?.setSize({ width: this.width(), height: 190 });
  }

  width() {
    return Math.max(220, this.plotElement.clientWidth || this.figure.clientWidth - 22);
  }

  data(lines) {
    return [
      model.points.map((point) => point.b),
      ...lines.map((line) => model.points.map(line.value)),
    ];
  }

  options(lines) {
    return {
      width: this.width(),
      height: 190,
      cursor: { sync: { key: SYNC.key }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: false }, y: { range: this.range() } },
      axes: axes(this.definition.unit),
      legend: { live: true },
      series: [
        { label: "Time", value: (_, second) => (second === null || second === undefined ? shownRange() : momentText(second)) },
        ...lines.map((line, index) => ({
          label: line.label,
          stroke: colorOf(index),
          width: 1.5,
          dash: index >= 8 ? [6, 4] : undefined,
          value: (_, value, __, at) => (at === null || at === undefined ? this.summed(line) : this.definition.unit(value)),
        })),
      ],
      hooks: { setSelect: [zoomTo], draw: [(plot) => this.mark(plot)] },
    };
  }

  range() {
    return (_, min, max) => {
      if (max === null || max <= 0) return [0, 1];
      // A limit that is near is shown as well.
      const limits = this.limits().map(({ limit }) => limit).filter((limit) => limit > max && limit <= 3 * max);
      return [Math.min(0, min), Math.max(max, ...limits) * 1.1];
    };
  }

  // The lowest, the mean and the highest value of a line in the shown range.
  summed(line) {
    let [low, high, sum, count] = [Infinity, -Infinity, 0, 0];
    for (const point of visiblePoints()) {
      const value = line.value(point);
      if (value === null || value === undefined) continue;
      [low, high, sum, count] = [Math.min(low, value), Math.max(high, value), sum + value, count + 1];
    }
    if (!count) return "–";
    const [least, mean, most] = [low, sum / count, high].map(this.definition.unit);
    return `min ${least} · avg ${mean} · max ${most}`;
  }

  // Limits of thresholds that are in the unit of the chart.
  limits() {
    const found = [];
    for (const { metric, value } of this.definition.metrics ?? []) {
      for (const final of model.final) {
        if (final.name.split("{")[0] !== metric) continue;
        for (const one of final.thresholds ?? []) {
          if (one.limit !== undefined && isComparable(one.statistic, value)) {
            found.push({ limit: one.limit, text: `${final.name} ${one.text}`, ok: one.ok });
          }
        }
      }
    }
    return found;
  }

  // Lines for what happened, and for limits.
  mark(plot) {
    const { ctx, bbox } = plot;
    const [begin, end] = visibleRange();
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    const line = (from, to, color, dash) => {
      ctx.strokeStyle = ctx.fillStyle = color;
      ctx.lineWidth = ratio;
      ctx.setLineDash(dash.map((part) => part * ratio));
      ctx.beginPath();
      ctx.moveTo(...from);
      ctx.lineTo(...to);
      ctx.stroke();
    };
    for (const [at, kind] of model.moments) {
      if (at < begin || at > end) continue;
      const x = plot.valToPos(at, "x", true);
      const { color, dash, sign } = MARKS[kind] ?? MARKS.mark;
      line([x, bbox.top], [x, bbox.top + bbox.height], styleOf(color), dash);
      ctx.fillText(sign, x + 2 * ratio, bbox.top + 10 * ratio);
    }
    for (const { limit, text } of this.limits()) {
      const y = plot.valToPos(limit, "y", true);
      line([bbox.left, y], [bbox.left + bbox.width, y], styleOf("--bad"), [8, 4]);
      ctx.fillText(text, bbox.left + 4 * ratio, y - 3 * ratio);
    }
    ctx.restore();
  }

  describe(lines) {
    const last = model.last();
    const values = lines.slice(0, 8).map((line) => `${line.label} ${this.definition.unit(line.value(last))}`);
    const moment = model.isLive ? "now" : "at the end";
    this.plotElement.setAttribute("aria-label", `${this.definition.title}, ${moment}: ${values.join(", ")}`);
  }

  drawTable(lines = this.definition.lines()) {
    if (!this.details.open) return;
    const points = visiblePoints();
    const step = Math.max(1, Math.ceil(points.length / TABLE_ROWS));
    const rows = points
      .filter((_, index) => (points.length - 1 - index) % step === 0)
      .map((point) => [
        `${model.wall(point.b)} (${format.duration(point.b)})`,
        ...lines.map((line) => this.definition.unit(line.value(point))),
      ]);
    fillTable(this.table, ["Time", ...lines.map((line) => line.label)], rows);
  }
}

class HeatMap extends Chart {
  constructor(definition) {
    super(definition);
    this.select = element("select", { "aria-label": "Which time the heat map shows" });
    this.select.addEventListener("change", () => {
      this.remove();
      this.draw();
    });
    this.caption.append(this.select);
  }

  key() {
    return this.select.value;
  }

  draw() {
    const keys = this.definition.keys();
    const shown = [...this.select.options].map((option) => option.value);
    if (keys.join() !== shown.join()) {
      const before = this.select.value;
      this.select.replaceChildren(...keys.map((key) => element("option", { value: key }, key)));
      this.select.value = keys.includes(before) ? before : keys[0];
    }
    this.rows = this.bounds();
    super.draw();
  }

  // The lowest and the highest row that has values, as logarithms.
  bounds() {
    let [low, high] = [Infinity, -Infinity];
    for (const point of model.points) {
      for (const [row] of point.h[this.key()] ?? []) {
        low = Math.min(low, row);
        high = Math.max(high, row);
      }
    }
    return low > high ? [0, 1] : [low - 0.25, high + 0.5];
  }

  range() {
    return () => this.rows;
  }

  options(lines) {
    const options = super.options(lines);
    options.axes[1].values = (_, marks) => marks.map((mark) => format.time(2 ** mark));
    options.hooks.draw = [];
    options.series[1] = {
      label: "Most at",
      stroke: "transparent",
      points: { show: false },
      value: (_, value) => (value === null || value === undefined ? "–" : format.time(2 ** value)),
    };
    options.hooks.drawClear = [(plot) => this.paint(plot)];
    return options;
  }

  paint(plot) {
    const key = this.key();
    const low = styleOf("--heat-low").split(",").map(Number);
    const high = styleOf("--heat-high").split(",").map(Number);
    const [begin, end] = visibleRange();
    const points = visiblePoints();
    let most = 0;
    for (const point of points) for (const [, count] of point.h[key] ?? []) most = Math.max(most, count / (point.b - point.a));
    const { ctx } = plot;
    ctx.save();
    for (const point of points) {
      const left = plot.valToPos(Math.max(point.a, begin), "x", true);
      const right = plot.valToPos(Math.min(point.b, end), "x", true);
      for (const [row, count] of point.h[key] ?? []) {
        const top = plot.valToPos(row + 0.25, "y", true);
        const bottom = plot.valToPos(row, "y", true);
        const weight = Math.sqrt(count / (point.b - point.a) / most);
        const color = low.map((part, index) => Math.round(part + (high[index] - part) * weight));
        ctx.fillStyle = `rgb(${color.join()})`;
        ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
      }
    }
    ctx.restore();
  }
}

function zoomTo(plot) {
  if (plot.select.width < 5) return;
  const begin = plot.posToVal(plot.select.left, "x");
  const end = plot.posToVal(plot.select.left + plot.select.width, "x");
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  view.zoom = [begin, end];
  drawAll();
}

function axes(unit) {
  const [text, grid] = [styleOf("--soft"), styleOf("--grid")];
  const common = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
  return [
    { ...common, values: (_, marks) => marks.map((mark) => `${model.wall(mark)}\n${format.duration(mark)}`), space: 70, incrs: SECONDS },
    { ...common, values: (_, marks) => marks.map((mark) => unit(mark)), size: 76 },
  ];
}

