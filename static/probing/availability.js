// Reads the bars of an availability chart one by one: with the arrow keys, Home and End, or under the pointer. What a bar
// says is its row of the table below. Without this module the table says it all.
function say(chart, place) {
  const rows = chart.closest("section").querySelectorAll("tbody tr");
  const last = rows.length - 1;
  if (last < 0) return;
  const at = Math.max(0, Math.min(last, place));
  chart.dataset.at = at;
  const [from, ...cells] = [...rows[at].cells].map((cell) => cell.textContent.trim());
  chart.querySelector(".bar-words").textContent = `${from}: ${cells.filter(Boolean).join(". ")}`;
  chart.querySelectorAll("rect").forEach((bar, index) => bar.classList.toggle("chosen", index === at));
}

document.addEventListener("keydown", (event) => {
  const chart = event.target.closest?.("[data-bars]");
  if (!chart || event.target !== chart) return;
  const count = chart.querySelectorAll("rect").length;
  const at = Number(chart.dataset.at ?? count);
  const place = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[event.key];
  if (place === undefined) return;
  event.preventDefault();
  say(chart, place);
});

document.addEventListener("pointermove", (event) => {
  const drawing = event.target.closest?.("[data-bars] > svg");
  if (!drawing) return;
  const box = drawing.getBoundingClientRect();
  const count = drawing.querySelectorAll("rect").length;
  say(drawing.closest("[data-bars]"), Math.floor(((event.clientX - box.left) / box.width) * count));
});
