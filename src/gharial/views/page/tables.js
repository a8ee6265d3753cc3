// Tiles and tables.

function fillTable(table, heads, rows, leftColumns = 1) {
  const cell = (value, index) => {
    const side = index > 0 && index < leftColumns ? "left" : null;
    if (value instanceof Node) {
      return element(index ? "td" : "th", index ? { class: side } : { scope: "row" }, value);
    }
    return element(index ? "td" : "th", index ? { class: side } : { scope: "row" }, String(value));
  };
  const head = element("tr", {}, ...heads.map((text, index) =>
    element("th", { scope: "col", class: index < leftColumns ? "left" : null }, text)));
  table.replaceChildren(
    element("thead", {}, head),
    element("tbody", {}, ...rows.map((row) => element("tr", {}, ...row.map(cell)))),
  );
}

function showTable(id, heads, rows, leftColumns) {
  const section = byId(id);
  section.hidden = rows.length === 0;
  if (rows.length) fillTable(section.querySelector("table"), heads, rows, leftColumns);
}

const mark = (ok, good, bad) => element("span", { class: ok ? "good" : "bad" }, ok ? `✓ ${good}` : `✗ ${bad}`);

// The text of a tile: of now during the run, of the whole run afterwards; null for none.
function tileText({ metric, value }) {
  const isOver = !model.isLive || model.end;
  const unit = format.of(model.contains(metric));
  const final = model.finalByName.get(metric);
  if (value === "total") return unit(final?.total ?? 0);
  if (!final) return null;
  const last = model.last();
  if (value === "gauge") return unit(isOver ? final.gauge[2] : last.g[metric]);
  if (value === "rate") return `${unit(isOver ? final.rate : rate(metric)(last))}/s`;
  if (value === "share") return final.share[1] ? format.percent(final.share[0] / final.share[1]) : null;
  return final.digest[0] ? unit(final.digest[FIRST_PERCENTILE + 2]) : null;
}

function drawTiles() {
  const isOver = !model.isLive || model.end;
  const tiles = [];
  for (const tile of model.last() ? model.run.tiles : []) {
    const text = model.isOurs(tile.metric) ? tileText(tile) : null;
    const title = tile.value === "gauge" && isOver ? `${tile.title}, max` : tile.title;
    if (text !== null) tiles.push(element("div", {}, element("dt", {}, title), element("dd", {}, text)));
  }
  byId("tiles").replaceChildren(...tiles);
}

function drawThresholds() {
  const rows = [];
  for (const metric of model.final) {
    for (const one of metric.thresholds ?? []) {
      const isTime = metric.contains === "time" && one.statistic !== "count";
      const value = one.value === undefined ? "–" : isTime ? format.time(one.value) : format.number(one.value);
      const state = one.ok === undefined ? element("span", { class: "soft" }, "no values yet")
        : one.value === undefined ? element("span", { class: one.ok ? "soft" : "bad" }, "no values")
        : mark(one.ok, "holds", "crossed");
      rows.push([metric.name, state, one.text, value]);
    }
  }
  showTable("thresholds", ["Metric", "State", "Threshold", "Value"], rows, 3);
}

function drawFinal() {
  const named = model.final.filter((metric) => !metric.empty);
  const trends = named.filter((metric) => metric.digest?.[0]);
  const heads = ["Metric", "Count", "Average", "Min", "Max", ...model.run.percents.map((percent) => `p${percent}`)];
  showTable("trends", heads, trends.map((metric) => {
    const unit = format.of(metric.contains);
    return [metric.name, format.number(metric.digest[0]), ...metric.digest.slice(1).map(unit)];
  }));
  const others = named.filter((metric) => !metric.digest && !metric.name.startsWith("checks{"));
  showTable("counts", ["Metric", "Value", "Per second", "Min", "Max"], others.map((metric) => {
    const unit = format.of(metric.contains);
    if (metric.type === "counter") return [metric.name, unit(metric.total), `${unit(metric.rate)}/s`, "", ""];
    if (metric.type === "gauge") return [metric.name, ...[metric.gauge[0]].map(unit), "", unit(metric.gauge[1]), unit(metric.gauge[2])];
    const [passes, total] = metric.share;
    return [metric.name, total ? `${format.percent(passes / total)} (${format.number(passes)} of ${format.number(total)})` : "–", "", "", ""];
  }));
}

function drawChecks() {
  const live = model.final
    .filter((metric) => metric.name.startsWith("checks{check:"))
    .map((metric) => [metric.name.slice("checks{check:".length, -1), metric.share[0], metric.share[1] - metric.share[0]]);
  const checks = model.checks.length ? model.checks : live;
  showTable("checks", ["Check", "Passed", "Failed", "Share", "State"], checks.map(([path, passes, fails]) => [
    path.replace(/^::/, ""), format.number(passes), format.number(fails),
    format.percent(passes / (passes + fails || 1)), mark(!fails, "passed", "failed"),
  ]));
}

function drawErrors() {
  const counts = new Map();
  for (const metric of model.final) {
    const kind = /^ws_errors\{reason:(.*)\}$/.exec(metric.name);
    if (kind) counts.set(kind[1], metric.total);
  }
  for (const reason of Object.keys(model.examples)) if (!counts.has(reason)) counts.set(reason, null);
  const rows = [...counts].sort((a, b) => (b[1] ?? 0) - (a[1] ?? 0)).map(([reason, count]) => [
    reason, count === null ? "–" : format.number(count), (model.examples[reason] ?? []).join(" · ") || "–",
  ]);
  showTable("errors", ["Reason", "Sockets", "Examples"], rows);
  for (const cell of byId("errors").querySelectorAll("td:last-child")) cell.className = "wrap";
}

function drawExceptions() {
  const total = (name) => model.finalByName.get(name)?.total ?? 0;
  const failed = total("iterations_failed");
  const said = failed ? `${format.number(total("iterations"))} complete, ${format.number(failed)} of them failed` : "";
  byId("exceptions").querySelector("p").textContent = said;
  showTable("exceptions", ["Exception", "Where", "Iterations", "First after"], model.exceptions.map(([message, place, count, first]) => [
    message, place || "–", format.number(count), format.time(first * 1000),
  ]), 2);
  for (const cell of byId("exceptions").querySelectorAll("th[scope=row]")) cell.className = "wrap";
}

function drawStatus() {
  const status = model.status;
  if (!status) return;
  showTable("scenarios", ["Scenario", "State", "Done", "Virtual users", "Iterations", "Time"], status.scenarios.map((one) => [
    one.name, one.state, format.percent(one.progress), `${one.vus} of ${one.vus_max}`,
    one.iterations_total === null ? format.number(one.iterations) : `${format.number(one.iterations)} of ${format.number(one.iterations_total)}`,
    `${format.duration(one.elapsed_s)} of ${format.duration(one.duration_s)}`,
  ]), 2);
  const last = model.last();
  showTable("workers", ["Worker", "Where", "State", "Virtual users", "Open sockets", "CPU", "Loop lag p99"], (status.workers ?? []).map((one) => [
    `${one.number}`, one.where || "here", one.is_lost ? element("span", { class: "bad" }, "lost") : "working", `${one.vus} of ${one.vus_max}`,
    format.number(one.open_sockets),
    plainPercent(last?.g[`worker_cpu{worker:${one.number}}`] ?? null),
    format.time(last?.d[`vu_loop_lag{worker:${one.number}}`]?.[FIRST_PERCENTILE + 3] ?? null),
  ]), 3);
}

function drawLog() {
  byId("log").hidden = model.log.length === 0;
  const list = byId("log").querySelector("ol");
  const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 4;
  list.replaceChildren(...model.log.slice(-200).map(([at, level, text, source]) => {
    const name = level >= 40 ? "ERROR" : level >= 30 ? "WARN " : level >= 20 ? "INFO " : "DEBUG";
    const kind = level >= 40 ? "bad" : null;
    return element("li", { class: kind }, `${format.clock(at)} ${name} ${text}${source ? `  (${source})` : ""}`);
  }));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function drawRun() {
  const { run } = model;
  if (!run.options) return;
  const rows = [
    ["Began", new Date(run.began * 1000).toLocaleString("en-GB")],
    ["Took", format.duration(run.duration)],
    ["Exit code", String(run.exit)],
    ["Engine", run.engine],
    ["Gharial", run.version],
    ["Run", run.id],
    ...run.scenarios.map(([name, text]) => [`Scenario ${name}`, text]),
    ...Object.entries(run.machine),
  ];
  showTable("options", ["What", "Value"], rows);
  for (const cell of byId("options").querySelectorAll("td")) cell.className = "wrap";
  byId("options").querySelector("pre").textContent = JSON.stringify(run.options, null, 2);
}

