// The page's behaviour. Statistics are computed in Python: here rows are chosen, sorted, drawn and saved.
const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const hidden = { agent: new Set(), mdp: new Set() };
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const isDark = () => root.classList.contains("dark");
const colourOf = (agent) => data.looks[agent]?.[isDark() ? "dark" : "light"] ?? "#777777";
const say = (text) => {
  const said = document.getElementById("said");
  said.textContent = text;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (said.textContent = ""), 2500);
};

// --------------------------------------------------------------------------------------------------------- saving
function save(name, url) {
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
}
const saveText = (name, text, type) => {
  const url = URL.createObjectURL(new Blob([text], { type }));
  save(name, url);
  setTimeout(() => URL.revokeObjectURL(url), 1000);
};
const quote = (value) => (/[",\n]/.test(value) ? `"${String(value).replaceAll('"', '""')}"` : value ?? "");
const toCsv = (rows) => {
  const fields = Object.keys(rows[0] ?? {});
  return [fields, ...rows.map((row) => fields.map((name) => row[name]))].map((line) => line.map(quote).join(",")).join("\n") + "\n";
};

// --------------------------------------------------------------------------------------------------------- charts
const unpack = ({ fields, rows }) => rows.map((row) => Object.fromEntries(fields.map((name, i) => [name, row[i]])));
const isShown = (row) =>
  !hidden.agent.has(row.agent) && !hidden.agent.has(row.other) && !hidden.mdp.has(row.mdp) &&
  (row.regret === undefined || row.regret === root.dataset.regret);

function theme() {
  const [ink, soft, line] = ["--ink", "--soft", "--line"].map((name) => getComputedStyle(root).getPropertyValue(name).trim());
  const text = { labelColor: ink, titleColor: ink };
  return {
    background: "transparent", font: "system-ui, DejaVu Sans, sans-serif", view: { stroke: "transparent" },
    axis: { ...text, gridColor: line, domainColor: soft, tickColor: soft, labelFontSize: 11, titleFontSize: 12, titleFontWeight: 500 },
    legend: { ...text, labelFontSize: 12, titleFontSize: 12, symbolType: "stroke", symbolSize: 250, symbolStrokeWidth: 2.5, symbolOpacity: 1, columns: root.clientWidth < 640 ? 3 : 0 },
    header: { ...text, labelFontSize: 12, labelFontWeight: 600 }, title: { color: ink }, text: { color: ink },
  };
}

// What a specification leaves open: colours and dashes of the agents that are shown, and their order.
function completed(spec, agents) {
  const fill = (value) => {
    if (value === "@colours") return { domain: agents, range: agents.map(colourOf) };
    if (value === "@dashes") return { domain: agents, range: agents.map((agent) => data.looks[agent]?.dash ?? [1, 0]) };
    if (value === "@order") return Object.keys(data.looks);
    // the end of the scheme that is as dark, or as light, as the ground is left out
    if (value === "@scheme") return { name: "viridis", extent: isDark() ? [0.3, 1] : [0, 0.9] };
    if (value === "@muted") return isDark() ? "#a9b1bd" : "#555d68";
    if (Array.isArray(value)) return value.map(fill);
    return value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v)])) : value;
  };
  return fill(spec);
}

function setScale(spec, axis, type) {
  if (Array.isArray(spec)) spec.forEach((one) => setScale(one, axis, type));
  else if (spec && typeof spec === "object")
    for (const [key, value] of Object.entries(spec))
      if (key === axis && value?.type === "quantitative") value.scale = { ...value.scale, type };
      else setScale(value, axis, type);
}

// Panels that share a row, and their width.
function fit(spec, { facet, most }, width, n) {
  const columns = Math.max(1, Math.min(most ?? n, n, Math.floor(width / facet)));
  const each = Math.max(90, columns === 1 ? width - 110 : Math.floor(width / columns) - 75);
  spec.columns = columns;
  for (const panel of spec.concat ?? [spec.spec]) panel.width = each;
}

const usedAgents = (rows) => Object.keys(data.looks).filter((agent) => rows.some((row) => row.agent === agent));

// One drawing of a figure after the other: the last choice is what stays.
const draw = (figure) => (figure.turn = (figure.turn ?? Promise.resolve()).then(() => drawNow(figure)));

async function drawNow(figure) {
  const view = figure.querySelector(".view");
  const { spec: open, rows, options, title, seeds } = figure.dataset.curves ? curvesOf(figure) : chartOf(figure);
  figure.rows = rows;
  if (!rows.length) {
    view.innerHTML = "<p>Nothing to show: all of it is hidden, or the logs hold none of it.</p>";
    return;
  }
  const spec = completed(open, usedAgents(rows));
  const inner = spec.spec ?? spec;
  if (inner.layer && !rows.some((row) => Number.isFinite(row.low))) // too few seeds for bands
    inner.layer = inner.layer.filter(({ encoding }) => encoding?.y2?.field !== "high" && encoding?.x2?.field !== "high");
  const width = view.clientWidth - 10;
  if (options.facet) {
    const of = spec.facet?.field;
    fit(spec, options, width, spec.concat?.length ?? new Set(rows.map((row) => row[of])).size);
  }
  if (spec.height?.step) {
    const of = (spec.encoding ?? spec.spec.encoding).y.field;
    spec.height = spec.height.step * new Set(rows.map((row) => row[of])).size;
  }
  for (const axis of ["x", "y"]) {
    const box = figure.querySelector(`[data-log=${axis}]`);
    if (box) setScale(spec, axis, box.checked ? "log" : "linear");
  }
  const whole = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", description: title, data: { name: "rows" }, datasets: { rows, ...(seeds && { seeds }) }, ...spec };
  if (spec.width === "container") Object.assign(whole, { width, autosize: { type: "fit-x", contains: "padding" } });
  figure.view?.finalize();
  const made = await window.vegaEmbed(view, whole, { actions: false, renderer: "svg", config: theme(), tooltip: { theme: isDark() ? "dark" : "light" } });
  figure.view = made.view;
  figure.drawn = true;
}

function chartOf(figure) {
  const chart = data.charts[figure.dataset.chart];
  return { ...chart, rows: unpack(chart.rows).filter(isShown) };
}

function curvesOf(figure) {
  const known = data.curves[figure.dataset.curves];
  const one = figure.querySelector("[data-pick]").value;
  const logs = ["x", "y"].filter((axis) => figure.querySelector(`[data-log=${axis}]`).checked);
  const named = ([r, m, a]) => ({ regret: known.regrets[r], mdp: known.mdps[m], agent: known.agents[a] });
  const isWanted = (row) => isShown(row) && (!one || row.mdp === one);
  const fits = (step, ...values) => (!logs.includes("x") || step > 0) && (!logs.includes("y") || values.every((value) => value === null || value > 0));
  const rows = [], seeds = [];
  for (const [r, m, a, at, mean, low, high] of known?.lines ?? []) {
    const names = named([r, m, a]);
    if (isWanted(names))
      known.steps[at].forEach((step, i) => fits(step, mean[i], low?.[i] ?? null) && rows.push({ ...names, steps: step, mean: mean[i], low: low?.[i] ?? null, high: high?.[i] ?? null }));
  }
  if (figure.querySelector("[data-seeds]").checked)
    for (const [r, m, a, at, seed, values] of known?.seeds ?? []) {
      const names = named([r, m, a]);
      if (isWanted(names)) known.steps[at].forEach((step, i) => fits(step, values[i]) && seeds.push({ ...names, steps: step, seed, value: values[i] }));
    }
  const q = (field, title) => ({ field, type: "quantitative", title, axis: { format: "~s", tickCount: 4 } });
  const colour = { field: "agent", type: "nominal", scale: "@colours", legend: { orient: "top", title: null } };
  // the cells around points have the points as their data: Vega-Lite's own tooltip finds numbers in there, but no names
  const of = "(datum.datum || datum)", shown = (field) => `isValid(${of}.${field}) ? format(${of}.${field}, ',.4~f') : '–'`;
  const tooltip = { value: { expr: `{Agent: ${of}.agent, Environment: ${of}.mdp, Step: format(${of}.steps, ',.0f'), Mean: ${shown("mean")}, from: ${shown("low")}, to: ${shown("high")}}` } };
  const title = root.dataset.regret;
  // the axis spans the lines: bands of few seeds, far wider, are cut off at it
  let top = 0, bottom = logs.includes("y") ? Infinity : 0;
  for (const value of [...rows.map((row) => row.mean), ...seeds.map((row) => row.value)])
    if (value > top) top = value;
    else if (value < bottom) bottom = value;
  const domain = Number.isFinite(bottom) && top > bottom ? { scale: { domain: [bottom, top * 1.05], nice: !logs.includes("y") } } : {};
  const layer = [
    { mark: { type: "area", opacity: 0.18, clip: true }, encoding: { y: { ...q("low", title), ...domain }, y2: { field: "high" } } },
    { mark: { type: "line", strokeWidth: 1.8 }, encoding: { y: { ...q("mean", title), ...domain }, strokeDash: { field: "agent", type: "nominal", scale: "@dashes", legend: { orient: "top", title: null } } } },
    { mark: { type: "point", filled: true, size: 50 }, params: [{ name: "hover", select: { type: "point", on: "pointerover", nearest: true, clear: "pointerout" } }],
      encoding: { y: q("mean", title), opacity: { condition: { param: "hover", empty: false, value: 1 }, value: 0 }, tooltip } },
  ];
  if (seeds.length)
    layer.unshift({ data: { name: "seeds" }, mark: { type: "line", strokeWidth: 0.8, opacity: 0.6 }, encoding: { y: q("value", title), detail: { field: "seed", type: "nominal" }, tooltip: [{ field: "agent", type: "nominal", title: "Agent" }, { field: "seed", type: "nominal", title: "Seed" }] } });
  const inner = { height: one ? 380 : 140, encoding: { x: q("steps", "Steps"), color: colour }, layer };
  if (one) {
    layer.at(-2).params = [{ name: "zoom", select: "interval", bind: "scales" }];
    return { spec: { width: "container", ...inner }, rows, seeds, options: {}, title: `${title}: ${one}` };
  }
  const spec = { facet: { field: "mdp", type: "nominal", sort: known?.mdps, title: null }, spec: inner };
  return { spec, rows, seeds, options: { facet: 240 }, title };
}

// A chart is drawn when it comes near the window, and again when what it shows has changed.
const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    target.near = isIntersecting;
    if (isIntersecting && target.stale !== false) {
      target.stale = false;
      draw(target);
    }
  }
}, { rootMargin: "300px" });
const figures = all("figure.chart");
const redraw = (some = figures) => {
  for (const figure of some) {
    figure.stale = !figure.near;
    if (figure.near) draw(figure);
  }
};
figures.forEach((figure) => near.observe(figure));

// --------------------------------------------------------------------------------------------------------- choices
function showChoice() {
  const rules = Object.entries(hidden).flatMap(([kind, names]) => [...names].map((name) => `[data-${kind}="${CSS.escape(name)}"]`));
  document.getElementById("hiding").textContent = rules.length ? `${rules.join(",")}{display:none!important}` : "";
  for (const count of all("[data-count]")) {
    const boxes = all(`[data-hide=${count.dataset.count}]`);
    const n = boxes.filter((box) => box.checked).length;
    count.textContent = n < boxes.length ? `${n} of ${boxes.length}` : `${n}`;
  }
  redraw();
}
function choose(box) {
  hidden[box.dataset.hide][box.checked ? "delete" : "add"](box.value);
}
function paint() {
  for (const swatch of all("[data-agent-swatch]")) swatch.style.background = colourOf(swatch.dataset.agentSwatch);
}
function setTheme(dark) {
  root.classList.toggle("dark", dark);
  document.getElementById("theme").setAttribute("aria-pressed", dark);
  paint();
  redraw();
}
const stored = (value) => {
  try {
    if (value !== undefined) localStorage.setItem("colosseum-dark", value);
    return localStorage.getItem("colosseum-dark");
  } catch {
    return null; // a page that was opened from a mail may store nothing
  }
};
const prefers = matchMedia("(prefers-color-scheme: dark)");
prefers.addEventListener("change", () => stored() === null && setTheme(prefers.matches));
setTheme(stored() === null ? prefers.matches : stored() === "true");

// --------------------------------------------------------------------------------------------------------- seeds of a cell
function showSeeds(key) {
  const [b, m, a] = key.split("/").map(Number);
  const of = data.instances[b];
  const [mdp, mdpLabel, target] = of.mdps[m];
  const [agent, agentLabel] = of.agents[a];
  const named = (pattern, seed) => pattern.replace("{mdp}", mdp).replace("{agent}", agent).replace("{seed}", seed);
  const text = (value) => Object.assign(document.createElement("span"), { textContent: value }).innerHTML;
  const shown = (value) => (value === null ? "–" : Number(value.toPrecision(4)).toString());
  const rows = of.rows.filter((row) => row[0] === m && row[1] === a);
  const lines = rows.map(([, , seed, status, state, learning, policy, seconds, problem]) => {
    const log = named(of.log, seed), run = data.run.replace("{pickle}", named(of.pickle, seed));
    return `<tr><th scope="row">${seed}</th><td>${shown(learning)}</td><td>${shown(policy)}</td><td>${shown(seconds)}</td><td class="words">${text(of.statuses[status])} ${text(problem || of.states[state].replace("_", " "))}</td>
      <td class="words"><code>${text(log)}</code><br><code>${text(run)}</code> <button type="button" data-copy-text="${text(run).replaceAll('"', "&quot;")}">Copy</button></td></tr>`;
  });
  const dialog = document.getElementById("seeds");
  dialog.querySelector("h2").innerHTML = `${text(agentLabel)} in <a href="#${target}">${text(mdpLabel)}</a>, ${text(of.title)}`;
  dialog.querySelector(".scroll").innerHTML = `<table><thead><tr><th scope="col">Seed</th><th scope="col">Learning regret a step</th><th scope="col">Policy regret a step</th><th scope="col">Seconds</th>
    <th scope="col">Ended</th><th scope="col">Log, and the command that runs it again</th></tr></thead><tbody>${lines.join("")}</tbody></table>`;
  dialog.showModal();
}

// --------------------------------------------------------------------------------------------------------- events
document.addEventListener("change", ({ target }) => {
  if (target.dataset.hide) {
    choose(target);
    showChoice();
  } else if (target.name === "regret") {
    root.dataset.regret = target.value;
    redraw();
  } else if (target.closest("figure.chart")) redraw([target.closest("figure.chart")]);
});
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("button, dialog a");
  if (!button) {
    for (const open of all(".picker[open]")) if (!open.contains(target)) open.open = false;
    return;
  }
  const { cell, csv, copyText, save: kind } = button.dataset;
  if (button.id === "theme") setTheme(stored(!isDark()) === null ? !isDark() : stored() === "true");
  else if (button.matches("dialog a")) button.closest("dialog").close();
  else if (cell) showSeeds(cell);
  else if (csv) saveText(`${csv}.csv`, data.csv[csv], "text/csv");
  else if ("copy" in button.dataset || copyText) {
    await navigator.clipboard.writeText(copyText ?? button.parentElement.querySelector("pre").textContent);
    say("Copied");
  } else if ("all" in button.dataset) {
    for (const box of all(`[data-hide=${button.dataset.all}]`)) {
      box.checked = Boolean(button.dataset.to);
      choose(box);
    }
    showChoice();
  } else if (kind) {
    const figure = button.closest("figure");
    const name = `${figure.dataset.chart ?? `${figure.dataset.curves}-curves`}.${kind}`;
    if (!figure.drawn) await draw(figure);
    if (kind === "csv") saveText(name, toCsv(figure.rows), "text/csv");
    else save(name, await figure.view.toImageURL(kind, kind === "png" ? 2 : 1));
  }
});
document.addEventListener("keydown", ({ key }) => key === "Escape" && all(".picker[open]").forEach((open) => (open.open = false)));
let width = root.clientWidth;
addEventListener("resize", () => {
  if (root.clientWidth !== width) {
    width = root.clientWidth;
    clearTimeout(redraw.timer);
    redraw.timer = setTimeout(redraw, 200);
  }
});
showChoice();

// --------------------------------------------------------------------------------------------------------- tables
const source = document.getElementById("data-tables");
const { ITable } = await import(`data:text/javascript;base64,${source.textContent}`);
source.remove();
const options = { paging: false, searching: false, info: false, order: [], autoWidth: false, layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null } };
all("table.sortable").forEach((table) => new ITable(table, { ...options }));
root.dataset.ready = "";
