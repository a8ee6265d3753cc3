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

// Which column tables are sorted by, by their own names: [column, is descending].
const sortings = new Map();

// A table whose heads sort it; rows are lists of {text, value}, or of text alone.
function fillSorted(table, name, heads, rows, leftColumns = 1) {
  const [column, isDescending] = sortings.get(name) ?? [null, false];
  const valueOf = (cell) => cell?.value ?? cell?.text ?? cell;
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b)));
  const sorted = column === null ? rows
    : [...rows].sort((a, b) => (isDescending ? -1 : 1) * compare(valueOf(a[column]), valueOf(b[column])));
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.column : null;
  fillTable(table, heads, sorted.map((row) => row.map((cell) => cell?.text ?? cell)), leftColumns);
  table.querySelectorAll("thead th").forEach((head, index) => {
    const isSorted = index === column;
    head.setAttribute("aria-sort", isSorted ? (isDescending ? "descending" : "ascending") : "none");
    const button = element("button", { type: "button", class: "sort", "data-column": String(index) },
      `${heads[index]}${isSorted ? (isDescending ? " ▼" : " ▲") : ""}`);
    button.addEventListener("click", () => {
      // Numbers from the largest on first: that is what is looked for.
      sortings.set(name, isSorted ? [index, !isDescending] : [index, index >= leftColumns]);
      fillSorted(table, name, heads, rows, leftColumns);
    });
    head.replaceChildren(button);
    if (focused === String(index)) button.focus();
  });
}

function drawNames() {
  const box = byId("names");
  const kinds = (model.run.kinds ?? []).filter(({ kind }) => model.names.some((row) => row.kind === kind));
  box.hidden = kinds.length === 0;
  for (const { kind, title, tags } of kinds) {
    let part = byId(`names-${kind}`);
    if (!part) {
      const scroll = element("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": title }, element("table"));
      part = element("div", { id: `names-${kind}` }, element("h3", {}, title), scroll);
      box.append(part);
    }
    const number = (value, unit = format.number) => ({ text: unit(value), value });
    const rows = model.names.filter((row) => row.kind === kind).map((row) => {
      const [count, , , most, median, , p95, p99] = row.digest;
      const times = [median, p95, p99, most].map((time) => (count ? number(time, format.time) : { text: "–", value: -1 }));
      const failures = { text: row.failures ? `✗ ${format.number(row.failures)}` : "0", value: row.failures };
      return [row.labels[0] || "(no name)", ...row.labels.slice(1), number(row.count), failures, number(row.rate, (rate) => `${format.number(rate)}/s`), ...times];
    });
    const names = tags.map((tag) => tag[0].toUpperCase() + tag.slice(1));
    fillSorted(part.querySelector("table"), kind, [...names, "Count", "Failed", "Rate", "Median", "p95", "p99", "Max"], rows, tags.length);
    for (const row of part.querySelectorAll("tbody tr")) {
      const cell = row.cells[tags.length + 1];
      if (cell.textContent !== "0") cell.classList.add("bad");
    }
  }
}

// -- The verdict, and what went wrong ------------------------------------------------

const SIGNS = { threshold: "✗", failure: "✗", exception: "✗", check: "✗", slow: "◷", problem: "✗" };

function findingLine({ text, first_s, last_s, detail }) {
  const [first, last] = [first_s, last_s].map((second) => (second === null ? null : model.wall(second)));
  const when = first === null ? "" : last === null ? ` since ${first}` : first === last ? ` at ${first}` : ` from ${first} to ${last}`;
  return `${text}${when}${detail ? `, ${detail}` : ""}`;
}

function findingElement(finding) {
  const links = [[finding.chart && byId(`chart-${finding.chart}`) ? `chart-${finding.chart}` : "", "chart"], [finding.section, "table"]]
    .filter(([id]) => id && byId(id))
    .map(([id, name]) => element("a", { href: `#${id}`, "aria-label": `${name}: ${finding.text}` }, name));
  const parts = [element("span", { class: finding.kind === "slow" ? "warn" : "bad" }, `${SIGNS[finding.kind] ?? "!"} `), element("strong", {}, findingLine(finding))];
  for (const link of links) parts.push(" ", link);
  if (finding.example && !finding.text.includes(finding.example)) parts.push(element("br"), element("code", {}, finding.example));
  if (finding.causes.length) parts.push(element("ul", {}, ...finding.causes.map(findingElement)));
  return element("li", {}, ...parts);
}

function headline({ state, reason, findings }) {
  const [first] = findings;
  if (state === "PASSED") return `PASSED: ${reason}${first ? `: but ${findingLine(first)}` : ""}`;
  if (!first) return [state, reason].filter(Boolean).join(": ");
  const parts = first.kind === "threshold" || !reason ? [] : [reason];
  parts.push(first.causes.length ? first.text : findingLine(first));
  if (first.causes.length) parts.push(findingLine(first.causes[0]));
  return [state, ...parts].join(": ");
}

function drawVerdict() {
  const { verdict } = model;
  const findings = verdict.findings ?? [];
  const key = JSON.stringify([verdict, model.run.began, charts.length]);
  const box = byId("wrong");
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  const head = byId("verdict");
  head.hidden = !verdict.state || verdict.state === "RUNNING";
  if (!head.hidden) head.textContent = headline(verdict);
  head.className = verdict.state === "PASSED" ? "good" : "bad";
  box.hidden = findings.length === 0;
  byId("wrong-title").textContent = verdict.state === "RUNNING" ? "What goes wrong" : "What went wrong";
  const others = verdict.left_out ? [element("li", {}, `and ${verdict.left_out} more`)] : [];
  box.querySelector("ol").replaceChildren(...findings.map(findingElement), ...others);
}

function drawMoments() {
  const box = byId("moments");
  box.hidden = model.moments.length === 0;
  box.querySelector("summary").textContent =
    `Lines on the charts (${model.moments.length}); times are ${format.zone}, and of the run`;
  box.querySelector("ol").replaceChildren(...model.moments.map(([at, kind, text]) =>
    element("li", {}, `${(MARKS[kind] ?? MARKS.mark).sign} ${model.wall(at)} (${format.duration(at)}) ${text}`)));
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

// Whether what a tile shows is good: said by a sign and a word, and by a colour.
function tileState({ metric }) {
  const judged = model.final.filter(({ name }) => name.split("{")[0] === metric)
    .flatMap(({ thresholds }) => thresholds ?? []).filter(({ ok }) => ok !== undefined);
  if (judged.some(({ ok }) => !ok)) return { kind: "bad", sign: "✗", text: "crossed" };
  if (judged.length) return { kind: "good", sign: "✓", text: "holds" };
  const final = model.finalByName.get(metric);
  if (metric === "ws_errors" && final?.total) return { kind: "bad", sign: "✗", text: "failures" };
  if (metric === "checks" && final?.share?.[1] && final.share[0] < final.share[1]) return { kind: "bad", sign: "✗", text: "some failed" };
  return null;
}

function drawTiles() {
  const isOver = !model.isLive || model.end;
  const tiles = [];
  for (const tile of model.last() ? model.run.tiles : []) {
    const text = model.isOurs(tile.metric) ? tileText(tile) : null;
    const title = tile.value === "gauge" && isOver ? `${tile.title}, max` : tile.title;
    if (text === null) continue;
    const state = tileState(tile);
    const said = state ? element("dd", { class: `state ${state.kind}` }, `${state.sign} ${state.text}`) : "";
    tiles.push(element("div", { class: state?.kind }, element("dt", {}, title), element("dd", {}, text), said));
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
  const groups = byId("failures");
  groups.hidden = model.failures.length === 0;
  fillSorted(groups.querySelector("table"), "failures", ["What", "Name", "Scenario", "Count", "First", "Last", "Example"],
    model.failures.map((one) => [
      `${one.what === "socket" ? "" : `${one.what} `}${one.label}`, one.name || "–", one.scenario || "–",
      { text: format.number(one.count), value: one.count },
      { text: model.wall(one.first_s), value: one.first_s }, { text: model.wall(one.last_s), value: one.last_s },
      [one.url, one.text, one.body && `'${one.body}'`].filter(Boolean).join(" · "),
    ]), 3);
  for (const cell of groups.querySelectorAll("td:last-child")) cell.className = "wrap";
}

function drawExceptions() {
  const total = (name) => model.finalByName.get(name)?.total ?? 0;
  const failed = total("iterations_failed");
  const said = failed ? `${format.number(total("iterations"))} complete, ${format.number(failed)} of them failed` : "";
  byId("exceptions").querySelector("p").textContent = said;
  const key = JSON.stringify([model.exceptions, model.run.began]);
  // An open stack stays open until something changes.
  if (byId("exceptions").dataset.shown === key) return;
  byId("exceptions").dataset.shown = key;
  showTable("exceptions", ["Exception", "Where", "Scenario", "Iterations", "First", "Last"],
    model.exceptions.map(([message, place, count, first, last, scenario, stack]) => [
      stack ? element("details", {}, element("summary", {}, message), element("pre", { tabindex: "0", "aria-label": "Stack" }, stack)) : message,
      place || "–", scenario || "–", format.number(count), model.wall(first), last >= first ? model.wall(last) : "–",
    ]), 3);
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
    ["Began", `${format.date(run.began)} (${format.zone})`],
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

