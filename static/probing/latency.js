// Draws latency over time with uPlot, with the events on the same axis: zoomed by the pointer, the keyboard and buttons.
// Without this module the table below says it all.
const root = document.querySelector("[data-latency]");
const MARKS = { change: [], drift: [6, 3], deployment: [2, 3], incident: [10, 3] };
const MARK_COLORS = { change: "info", drift: "warning", deployment: "inactive", incident: "error" };
const LEAST_S = 600;
const LONGEST_GAP = 4.5;

function start() {
  const data = JSON.parse(document.getElementById("latency-data").textContent);
  const box = root.querySelector(".latency-plot");
  const words = root.querySelector(".latency-words");
  const boxes = [...root.querySelectorAll("[data-line]")];
  const style = getComputedStyle(box);
  // A custom property holds light-dark(): only a real property says which of both it is now.
  const probe = box.appendChild(document.createElement("i"));
  const color = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const first = data.at[0];
  const last = data.at.at(-1);
  const step = data.at.length > 1 ? data.at[1] - first : LEAST_S;
  const whole = { min: first, max: last + step };
  const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  let chart = null;

  function draw() {
    const grid = { stroke: color("--color-border-divider-secondary"), width: 1 };
    const axis = { stroke: color("--color-text-form-secondary"), grid, ticks: grid, font: `12px ${style.fontFamily}` };
    const options = {
      width: box.clientWidth - 8,
      height: 320,
      scales: { x: { time: true, min: whole.min, max: whole.max }, y: { range: (_, __, most) => [0, (most || 1) * 1.1] } },
      axes: [axis, { ...axis, size: 64, values: (_, values) => values.map((value) => `${value} ms`) }],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      hooks: { draw: [drawMarks], setCursor: [(u) => u.cursor.idx !== null && say(u.cursor.idx)] },
      series: [{}, ...data.lines.map((line, place) => ({
        label: line.label,
        show: boxes[place].checked,
        stroke: color(`--of-${line.what}`),
        width: line.what === "total" ? 2 : 1.5,
        dash: line.share === "p95" ? [5, 3] : undefined,
        // A probe that runs less often than there are points still has a line.
        gaps: (u, _, __, ___, found) => found.filter(([from, to]) => to - from > pixels(u, LONGEST_GAP * step)),
        points: { show: line.values.filter((value) => value !== null).length < 3 ? true : undefined },
      }))],
    };
    const view = chart ? { min: chart.scales.x.min, max: chart.scales.x.max } : whole;
    chart?.destroy();
    chart = new uPlot(options, [data.at, ...data.lines.map((line) => line.values)], box);
    box.querySelector(".uplot").setAttribute("aria-hidden", "true");
    chart.setScale("x", view);
  }

  function pixels(u, seconds) {
    return u.valToPos(u.scales.x.min + seconds, "x", true) - u.valToPos(u.scales.x.min, "x", true);
  }

  function drawMarks(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.lineWidth = 2 * devicePixelRatio;
    for (const mark of data.marks) {
      if (mark.at < u.scales.x.min || mark.at > u.scales.x.max) continue;
      const x = u.valToPos(mark.at, "x", true);
      ctx.strokeStyle = color(`--color-text-status-${MARK_COLORS[mark.kind]}`);
      ctx.setLineDash(MARKS[mark.kind].map((length) => length * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  // What a point and the events in its stretch say.
  function say(place) {
    const at = data.at[place];
    const shown = data.lines.filter((line, index) => boxes[index].checked && line.values[place] !== null);
    const values = shown.map((line) => `${line.label} ${line.values[place]} ms`);
    const marks = data.marks.filter((mark) => mark.at >= at && mark.at < at + step).map((mark) => mark.words);
    words.textContent = `${clock.format(at * 1000)}: ${[values.join(", ") || "no response", ...marks].join(". ")}`;
  }

  function show(min, max) {
    const length = Math.min(Math.max(max - min, LEAST_S, step), whole.max - whole.min);
    const from = Math.min(Math.max(min, whole.min), whole.max - length);
    chart.setScale("x", { min: from, max: from + length });
    root.dataset.shown = `${Math.round(from)}-${Math.round(from + length)}`;
  }

  function zoom(how) {
    const { min, max } = chart.scales.x;
    if (how === "reset") return show(whole.min, whole.max);
    const middle = chart.cursor.idx !== null && how === "in" ? data.at[chart.cursor.idx] : (min + max) / 2;
    const half = ((max - min) / 2) * (how === "in" ? 0.5 : 2);
    return show(middle - half, middle + half);
  }

  function move(by) {
    const { min, max } = chart.scales.x;
    show(min + (max - min) * by, max + (max - min) * by);
  }

  function read(by) {
    const { min, max } = chart.scales.x;
    const inside = [...data.at.keys()].filter((place) =>
      data.at[place] >= min && data.at[place] <= max && data.lines[0].values[place] !== null);
    const now = inside.indexOf(Number(root.dataset.at ?? -1));
    const next = now < 0 ? (by > 0 ? 0 : inside.length - 1) : Math.min(Math.max(now + by, 0), inside.length - 1);
    const place = inside[next];
    if (place === undefined) return;
    root.dataset.at = place;
    chart.setCursor({ left: chart.valToPos(data.at[place], "x"), top: 0 });
    say(place);
  }

  draw();
  show(whole.min, whole.max);
  root.dataset.whole = root.dataset.shown;
  boxes.forEach((input, place) => input.addEventListener("change", () => {
    chart.setSeries(place + 1, { show: input.checked });
  }));
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) zoom(button.dataset.zoom);
  });
  box.addEventListener("mouseup", () => requestAnimationFrame(() => show(chart.scales.x.min, chart.scales.x.max)));
  box.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const how = { "+": "in", "=": "in", "-": "out", 0: "reset" }[event.key];
    if (by) event.shiftKey ? move(by / 4) : read(by);
    else if (how) zoom(how);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => chart.setSize({ width: box.clientWidth - 8, height: 320 })).observe(box);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

if (root && window.uPlot) start();
else if (root) root.hidden = true;
