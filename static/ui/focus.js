// A part of the page that is replaced takes the focus and its open details along: what looks the same in the new part
// gets them back, so that keyboard users keep their place. htmx itself only finds what has an id.

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

const words = (element) =>
  [element.tagName, element.type, element.name, element.getAttribute("href"), element.getAttribute("aria-label"), element.textContent.trim()].join("|");
const like = (signature) => [...document.querySelectorAll(FOCUSABLE)].filter((element) => words(element) === signature);
const placeOf = (details) => `${details.closest("[id]")?.id}|${details.querySelector("summary")?.textContent.trim()}`;

let kept = null;

document.addEventListener("htmx:before:swap", () => {
  const focused = document.activeElement;
  const signature = words(focused);
  const open = [...document.querySelectorAll("details[open]")].map((element) => ({ element, place: placeOf(element) }));
  kept = { focused, signature, number: like(signature).indexOf(focused), within: focused.closest("[id]")?.id, open };
});

document.addEventListener("htmx:after:swap", () => {
  if (!kept) return;
  const { focused, signature, number, within, open } = kept;
  kept = null;
  for (const { element, place } of open) {
    if (element.isConnected) continue;
    const again = [...document.querySelectorAll("details")].find((details) => placeOf(details) === place);
    if (again) again.open = true;
  }
  if (focused.isConnected || document.activeElement !== document.body) return;
  const found = like(signature);
  const next = found[Math.min(number, found.length - 1)] ?? document.getElementById(within);
  if (!next) return;
  if (!next.matches(FOCUSABLE)) next.tabIndex = -1;
  next.focus({ preventScroll: true });
});
