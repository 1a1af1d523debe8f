// Shows every <time data-time> in the viewer's own zone: "full" as date and time with the zone's name, "ago" as how long
// ago, with the full form as its title. Without this module the page shows UTC.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const full = new Intl.DateTimeFormat(undefined, {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(date) {
  const seconds = Math.round((date - Date.now()) / 1000);
  if (Math.abs(seconds) < 10) return "just now";
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size);
  return relative.format(Math.trunc(seconds / size), unit);
}

function show(element) {
  const date = new Date(element.dateTime);
  if (Number.isNaN(date.getTime())) return;
  const exact = full.format(date);
  const text = element.dataset.time === "ago" ? ago(date) : exact;
  if (element.dataset.time === "ago" && element.title !== exact) element.title = exact;
  if (element.textContent !== text) element.textContent = text;
}

function showAll(root) {
  root.querySelectorAll("time[data-time]").forEach(show);
}

showAll(document);
document.querySelectorAll("[data-zone]").forEach((element) => { element.textContent = zone === "UTC" ? zone : `${zone} time`; });
new MutationObserver((records) => {
  for (const record of records) for (const node of record.addedNodes) if (node.nodeType === 1) {
    if (node.matches("time[data-time]")) show(node);
    showAll(node);
  }
}).observe(document.body, { childList: true, subtree: true });
setInterval(() => { if (!document.hidden) document.querySelectorAll('time[data-time="ago"]').forEach(show); }, 15000);
