// When a sync has ended, what the page shows of the mirror is read again: the parts marked data-fresh, each with an id.
// Who has ticked a row, opened a menu or typed something in such a part keeps it until the next look at the sync.

const stateOf = () => {
  const { run, finished } = document.getElementById("sync-status")?.dataset ?? {};
  return { run, finished };
};
const isTouched = (field) =>
  field === document.activeElement || field.checked !== field.defaultChecked || (field.type !== "hidden" && field.value !== field.defaultValue);
const isBusy = (part) =>
  part.querySelector("details.confirm[open]") !== null || [...part.querySelectorAll("input, textarea")].some(isTouched);
const parts = () => [...document.querySelectorAll("[data-fresh]")];

let before = stateOf();
let isStale = false;

async function refresh() {
  const idle = parts().filter((part) => !isBusy(part));
  isStale = idle.length < parts().length;
  if (!idle.length) return;
  const response = await fetch(location.href);
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of idle) {
    const next = page.getElementById(part.id);
    if (!next) continue;
    document.dispatchEvent(new CustomEvent("htmx:before:swap")); // ui/focus.js keeps the focus
    part.replaceWith(document.adoptNode(next));
    window.htmx.process(next);
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
  }
}

document.addEventListener("htmx:after:swap", () => {
  const now = stateOf();
  if (now.finished && (now.run !== before.run || !before.finished)) isStale = true;
  before = now;
  if (!isStale) return;
  isStale = false;
  refresh().catch(() => { isStale = true; });
});
