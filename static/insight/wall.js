// Says on a wall screen when what it shows is old: the server or the network does not answer.
const MOST_MS = 60_000;
let updated = performance.now();

document.addEventListener("htmx:after:swap", () => { updated = performance.now(); });
setInterval(() => {
  const notice = document.querySelector(".wall-stale");
  if (notice) notice.hidden = performance.now() - updated < MOST_MS;
}, 5_000);
