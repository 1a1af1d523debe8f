// Desktop notifications of new incidents while a page is open. They are switched on in the user menu, for this browser;
// the browser asks for its permission at that click only. Of several tabs one holds a lock, asks and notifies.

const EVERY_MS = 15_000;
const MOST = 3;
const button = document.getElementById("desktop-alerts");
const supported = button && "Notification" in window && "locks" in navigator && window.isSecureContext;
const key = `corsdash-desktop-${button?.dataset.user}`;

// The ids of the incidents that were notified, or were open when this was switched on; null while it is off.
const seen = () => JSON.parse(localStorage.getItem(key));
const keep = (ids) => localStorage.setItem(key, JSON.stringify(ids));
const isOn = () => seen() !== null && Notification.permission === "granted";

function show() {
  const blocked = Notification.permission === "denied";
  button.hidden = false;
  button.setAttribute("aria-pressed", String(isOn()));
  button.querySelector("[data-state]").textContent = isOn() ? "on" : blocked ? "blocked by the browser" : "off";
}

async function read() {
  const response = await fetch(button.dataset.url, { headers: { Accept: "application/json" } });
  // Signed out, or the server restarts: ask again later.
  return response.ok && !response.redirected ? response.json() : null;
}

function notify(title, body, url, tag) {
  const notification = new Notification(title, { body, tag });
  notification.addEventListener("click", () => {
    window.focus();
    notification.close();
    location.assign(url);
  });
}

function announce({ alerts, all }) {
  const known = seen();
  if (known === null) return;
  const fresh = alerts.filter((alert) => !alert.silent && !known.includes(alert.id));
  // What is silent or new comes later; what has ended, or was acknowledged or snoozed, is forgotten.
  keep([...alerts.filter((alert) => known.includes(alert.id)), ...fresh].map((alert) => alert.id));
  if (fresh.length > MOST) {
    notify(`${fresh.length} new incidents`, fresh.map((alert) => alert.title).join("\n"), all, "corsdash-incidents");
    return;
  }
  for (const { id, title, body, url } of fresh) notify(title, body, url, `corsdash-incident-${id}`);
}

async function look() {
  if (!isOn()) return;
  const news = await read().catch(() => null);
  if (news) announce(news);
}

async function toggle() {
  if (isOn()) {
    localStorage.removeItem(key);
  } else if ((await Notification.requestPermission()) === "granted") {
    const now = await read().catch(() => null);
    keep(now ? now.alerts.map((alert) => alert.id) : []);
  }
  show();
}

if (supported) {
  show();
  button.addEventListener("click", toggle);
  window.addEventListener("storage", show);
  navigator.locks.request(key, async () => {
    for (;;) {
      await look();
      await new Promise((resolve) => { setTimeout(resolve, EVERY_MS); });
    }
  });
}
