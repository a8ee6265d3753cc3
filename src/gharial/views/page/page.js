// Puts it all together: a report's data are in the page, a dashboard's arrive as events.

const DEFAULT_INDEXES = [FIRST_PERCENTILE, FIRST_PERCENTILE + 2, FIRST_PERCENTILE + 3];
let source = null;
let isDrawing = false;

function drawAll() {
  if (isDrawing || !model.run) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
}

function draw() {
  byId("unzoom").hidden = !view.zoom;
  byId("waiting").hidden = model.points.length > 0;
  drawHead();
  drawVerdict();
  drawTiles();
  drawThresholds();
  drawNames();
  drawMoments();
  drawFinal();
  drawChecks();
  drawErrors();
  drawExceptions();
  drawStatus();
  drawLog();
  if (model.points.length) for (const chart of charts) chart.draw();
}

function drawHead() {
  const { run, status, end } = model;
  byId("script").textContent = run.script;
  const badge = byId("phase");
  const isUnfinished = run.isFinished === false;
  const exit = model.isLive ? end?.exit : run.exit;
  const said = isUnfinished ? "did not finish"
    : exit === undefined ? (status?.is_paused ? "paused" : status?.phase ?? "connecting")
    : exit === 0 ? "ended well" : `ended with exit code ${exit}`;
  if (badge.textContent !== said) badge.textContent = said;
  badge.className = `badge ${exit === undefined ? "" : exit === 0 && !isUnfinished ? "good" : "bad"}`;
  const elapsed = model.isLive ? status?.elapsed_s ?? 0 : run.duration;
  const longest = model.isLive && !end && run.longest ? ` of ${format.duration(run.longest)} at most` : "";
  byId("clock").textContent = format.duration(elapsed) + longest;
  const progress = byId("progress");
  progress.hidden = !model.isLive;
  const parts = status?.scenarios.map((one) => one.progress) ?? [];
  progress.value = end ? 1 : parts.length ? parts.reduce((sum, one) => sum + one, 0) / parts.length : 0;
  drawNotices();
  byId("steering").hidden = !model.canControl || Boolean(end);
  byId("pause").textContent = status?.is_paused ? "Resume" : "Pause";
  byId("scaling").hidden = run.scaleMaximum === null || run.scaleMaximum === undefined;
}

function drawNotices() {
  // What the verdict explains needs not be said twice.
  const isExplained = model.verdict.findings?.length > 0;
  const problems = isExplained ? [] : model.end?.problems ?? model.run.problems ?? [];
  const told = [...problems.map((text) => [text, "notice bad"]), ...model.warnings.map((text) => [text, "notice"])];
  const shown = told.map(([text]) => text).join("\n");
  const box = byId("notices");
  if (box.dataset.shown === shown) return;
  box.dataset.shown = shown;
  box.replaceChildren(...told.map(([text, kind]) => element("p", { class: kind }, text)));
}

// -- The viewer's choices ------------------------------------------------------------

function makePickers() {
  view.indexes = new Set(DEFAULT_INDEXES);
  const indexes = [AVERAGE, ...model.run.percents.map((_, index) => FIRST_PERCENTILE + index), MAXIMUM];
  byId("percentiles").replaceChildren(
    element("legend", {}, "Percentiles"),
    ...indexes.map((index) => {
      const box = element("input", { type: "checkbox", value: String(index) });
      box.checked = view.indexes.has(index);
      box.addEventListener("change", () => {
        view.indexes[box.checked ? "add" : "delete"](index);
        drawAll();
      });
      return element("label", {}, box, ` ${percentileName(index)}`);
    }),
  );
}

byId("range").addEventListener("change", (event) => {
  view.seconds = Number(event.target.value);
  view.zoom = null;
  drawAll();
});
byId("unzoom").addEventListener("click", () => {
  view.zoom = null;
  drawAll();
});

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  byId("theme").textContent = theme === "dark" ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", `Change to ${theme === "dark" ? "light" : "dark"} colours`);
  // Colours are part of a chart, so the charts are created again.
  for (const chart of charts) chart.remove();
  drawAll();
}
byId("theme").addEventListener("click", () =>
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
setTheme(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

let resizing = 0;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => { for (const chart of charts) chart.resize(); }, 150);
});

// -- Control --------------------------------------------------------------------------

async function steer(action, more = {}) {
  const answer = await fetch(`control${location.search}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ action, ...more }),
  }).catch(() => null);
  const told = answer ? await answer.json().catch(() => ({})) : { error: "cannot connect to the run" };
  byId("steered").textContent = told.error ?? "done";
}
byId("pause").addEventListener("click", () => steer(model.status?.is_paused ? "resume" : "pause"));
byId("stop").addEventListener("click", () => {
  if (confirm("Stop the run? It ends gracefully, with a summary.")) steer("stop");
});
// Also by Enter in the field.
byId("steering").addEventListener("submit", (event) => {
  event.preventDefault();
  if (byId("vus").value !== "") steer("scale", { vus: Number(byId("vus").value) });
});
byId("settings").addEventListener("submit", (event) => event.preventDefault());

// -- Data source ----------------------------------------------------------------------

function begin(run, points) {
  const isFirst = !model.run;
  model.run = run;
  model.points = points;
  format.setZone(run.zone);
  document.title = `${run.script} - Gharial`;
  byId("made").textContent = `Gharial ${run.version}`;
  if (isFirst) {
    makePickers();
    if (run.scaleMaximum) byId("vus").max = run.scaleMaximum;
  }
  makeCharts();
}

function listen() {
  source = new EventSource(`events${location.search}`);
  const on = (name, take) => source.addEventListener(name, (event) => {
    byId("connection").hidden = true;
    take(JSON.parse(event.data));
    drawAll();
  });
  on("access", (canControl) => { model.canControl = canControl; });
  on("run", ({ run, points }) => {
    model.log = [];
    begin(run, points);
  });
  on("point", ({ point }) => {
    model.points.push(point);
    if (model.points.length > POINTS_MAXIMUM) {
      source.close();
      listen();
    }
  });
  on("totals", (totals) => {
    model.setFinal(totals.final, totals.duration);
    model.setHappened(totals);
    model.checks = totals.checks ?? [];
  });
  on("status", ({ status }) => { model.status = status; });
  on("log", ({ lines, examples }) => {
    model.log = [...model.log, ...lines].slice(-200);
    model.examples = examples;
  });
  on("end", (end) => {
    model.end = end;
    model.warnings = end.warnings;
    source.close();
  });
  source.addEventListener("error", () => {
    if (model.end) return;
    byId("connection").textContent = "The connection to the run is lost; trying again.";
    byId("connection").hidden = false;
  });
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

async function start() {
  const packed = byId("data").textContent.trim();
  if (!packed) {
    listen();
    return;
  }
  model.isLive = false;
  const data = await unpack(packed);
  Object.assign(model, { checks: data.checks, examples: data.examples, log: data.log, warnings: data.warnings });
  begin(data.run, data.points);
  model.setHappened(data);
  model.setFinal(data.final, data.run.duration);
  drawRun();
  draw();
}

start();
