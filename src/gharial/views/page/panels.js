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

const rates = (...pairs) => () =>
  pairs.filter(([, key]) => model.has("c", key)).map(([label, key]) => ({ label, value: rate(key) }));
const gauges = (...pairs) => () =>
  pairs.filter(([, key]) => model.has("g", key)).map(([label, key]) => ({ label, value: gauge(key) }));
const kindRates = (name, tag) => () =>
  model.kinds(name, tag, "c").map(([key, kind]) => ({ label: kind, value: rate(key) }));
const perSecond = (value) => `${format.number(value)}/s`;
const bytesPerSecond = (value) => `${format.bytes(value)}/s`;
const plainPercent = (value) => (value === null ? "–" : `${format.number(value)}%`);

const PANELS = [
  { id: "users", title: "Virtual users and open sockets", unit: format.number,
    lines: gauges(["virtual users", "vus"], ["open sockets", "ws_open"]) },
  { id: "connections", title: "Connections and failures", note: "attempts to connect, sockets that failed", unit: perSecond,
    lines: rates(["attempts", "ws_sessions"], ["failures", "ws_errors"]) },
  { id: "messages", title: "Messages", unit: perSecond,
    lines: rates(["sent", "ws_msgs_sent"], ["received", "ws_msgs_received"]) },
  { id: "bytes", title: "Bytes on the wire", unit: bytesPerSecond,
    lines: rates(["sent", "data_sent"], ["received", "data_received"]) },
  { id: "requests", title: "Request latency", note: "from a request on a socket to its answer", unit: format.time,
    lines: () => percentileLines("ws_req_duration") },
  { id: "requests-failed", title: "Requests", unit: perSecond,
    lines: () => model.has("s", "ws_req_failed")
      ? [{ label: "answered", value: failRate("ws_req_failed") },
         { label: "not answered", value: passRate("ws_req_failed") }]
      : [] },
  { id: "heat", isHeat: true, title: "Heat map", note: "number of values by duration; darker is more", unit: format.time,
    keys: () => {
      const first = ["ws_req_duration", "ws_ping", "ws_connecting"];
      const has = (key) => model.hasValues("h", key);
      const others = Object.keys(model.run.metrics)
        .filter((key) => !first.includes(key) && model.contains(key) === "time");
      return [...first, ...others].filter(has);
    },
    lines() {
      const keys = this.keys();
      if (!keys.length) return [];
      return [{ label: "most at", value: (point) => {
        const cells = point.h[heatMap.key()] ?? [];
        return cells.reduce((most, cell) => (!most || cell[1] > most[1] ? cell : most), null)?.[0] ?? null;
      } }];
    } },
  { id: "connect", title: "Connecting", note: "DNS, TCP, TLS and upgrade together", unit: format.time,
    lines: () => percentileLines("ws_connecting") },
  { id: "phases", title: "Connecting by phase", note: "average of each phase", unit: format.time,
    lines: () => [["DNS", "ws_dns"], ["TCP", "ws_tcp"], ["TLS", "ws_tls"], ["upgrade", "ws_upgrade"]]
      .filter(([, key]) => model.has("d", key))
      .map(([label, key]) => ({ label, value: statistic(key, AVERAGE) })) },
  { id: "pings", title: "Pings", note: "from a ping to its pong", unit: format.time,
    lines: () => percentileLines("ws_ping") },
  { id: "errors", title: "Errors by reason", unit: perSecond, lines: kindRates("ws_errors", "reason") },
  { id: "codes", title: "Closed sockets by code", unit: perSecond, lines: kindRates("ws_close", "code") },
  { id: "checks", title: "Checks", note: "share that passed", unit: format.percent,
    lines: () => model.kinds("checks", "check", "s").map(([key, kind]) => ({ label: kind, value: share(key) })) },
  { id: "iterations", title: "Iterations", unit: perSecond,
    lines: () => {
      const kinds = kindRates("iterations", "scenario")();
      const all = kinds.length > 1 ? kinds : rates(["completed", "iterations"])();
      return [...all, ...rates(["failed", "iterations_failed"], ["dropped", "dropped_iterations"])()];
    } },
  { id: "iteration", title: "Iteration duration", unit: format.time,
    lines: () => percentileLines("iteration_duration") },
  { id: "sizes", title: "Message sizes", note: "average per second", unit: format.bytes,
    lines: () => [["sent", "ws_msg_size_sent"], ["received", "ws_msg_size_received"]]
      .filter(([, key]) => model.has("d", key))
      .map(([label, key]) => ({ label, value: statistic(key, AVERAGE) })) },
  { id: "http", title: "HTTP requests", unit: perSecond, lines: rates(["requests", "http_reqs"]) },
  { id: "http-duration", title: "HTTP request duration", unit: format.time,
    lines: () => percentileLines("http_req_duration") },
  { id: "cpu", title: "Generator: CPU by worker", note: "share of one core; near 100% the generator itself is the bottleneck", unit: plainPercent,
    lines: () => model.kinds("worker_cpu", "worker", "g").map(([key, kind]) => ({ label: `worker ${kind}`, value: gauge(key) })) },
  { id: "lag", title: "Generator: loop lag by worker", note: "p99 per second; with a high lag, load and handlers are late", unit: format.time,
    lines: () => model.kinds("vu_loop_lag", "worker", "d")
      .map(([key, kind]) => ({ label: `worker ${kind}`, value: statistic(key, FIRST_PERCENTILE + 3) })) },
];

// The script's custom metrics, one chart each.
function customPanel(name) {
  const { type, contains } = model.run.metrics[name];
  const unit = format.of(contains);
  const ownLines = (group, value) =>
    (model.hasValues(group, name) ? [{ label: name, value: value(name) }] : []);
  const panel = { id: `own-${name}`, title: name, note: `custom ${type}`, unit };
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
  charts = [...PANELS, ...own].map((panel) => {
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

