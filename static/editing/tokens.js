// The panel's list fields: what is typed becomes an entry by Enter, comma, blank, paste or leaving the box, so that
// nothing typed is lost. Without this script the Add and × buttons submit the form and do the same on the server.
// An entry is a list item with a hidden input; its × takes the focus, and with it ← → walk, Alt+← → move, Delete removes.

const form = document.getElementById("panel");

function split(text) {
  const trimmed = text.trim();
  if (trimmed.startsWith("[")) {
    try {
      const list = JSON.parse(trimmed);
      if (Array.isArray(list)) return list.map(String);
    } catch {
      // not JSON after all: read it as a plain list
    }
  }
  return trimmed
    .replace(/^(--[a-z-]+\s+)?(Allow|Expose)[A-Za-z]+=/, "")
    .split(/[\s,;]+/)
    .map((entry) => entry.replace(/^["'`[]+|["'`\]]+$/g, ""))
    .filter(Boolean);
}

const field = (element) => element.closest("[data-tokens]");
const list = (box) => box.querySelector("ul");
const entries = (box) => [...list(box).children];
const valueOf = (item) => item.querySelector("input").value;

function say(box, text) {
  box.querySelector("[data-said]").textContent = text;
}

function changed() {
  form.dispatchEvent(new CustomEvent("panel:changed", { bubbles: true }));
}

// Replace all entries of a field.
export function fill(box, values) {
  list(box).replaceChildren(...values.map((value) => item(box, value)));
}

function add(box, text) {
  const known = new Set(entries(box).map(valueOf));
  const added = split(text).filter((value) => !known.has(value) && known.add(value));
  for (const value of added) list(box).append(item(box, value));
  if (added.length) {
    say(box, `Added ${added.join(", ")}`);
    changed();
  }
  return added.length;
}

function item(box, value) {
  const made = document.getElementById("token").content.firstElementChild.cloneNode(true);
  made.querySelector("span").textContent = value;
  const input = made.querySelector("input");
  input.name = box.dataset.tokens;
  input.value = value;
  const button = made.querySelector("button");
  button.value = `${box.dataset.tokens}:${value}`;
  button.setAttribute("aria-label", `Remove ${value}`);
  return made;
}

function remove(box, item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  say(box, `Removed ${valueOf(item)}`);
  item.remove();
  (next?.querySelector("button") ?? box.querySelector("input[type=text]")).focus();
  changed();
}

function move(box, item, step) {
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(item);
  else other.after(item);
  item.querySelector("button").focus();
  say(box, `${valueOf(item)} is now number ${entries(box).indexOf(item) + 1} of ${entries(box).length}`);
  changed();
}

form?.addEventListener("keydown", (event) => {
  const box = field(event.target);
  if (!box) return;
  const entry = event.target.closest("li");
  if (event.target.matches("input[type=text]")) {
    const typed = event.target;
    if ((event.key === "Enter" || event.key === "," || event.key === " ") && !event.isComposing) {
      if (event.key === "Enter" || typed.value.trim()) event.preventDefault();
      add(box, typed.value);
      typed.value = "";
    } else if (event.key === "Backspace" && !typed.value && entries(box).length) {
      event.preventDefault();
      const last = entries(box).at(-1);
      say(box, `Removed ${valueOf(last)}`);
      last.remove();
      changed();
    } else if (event.key === "ArrowLeft" && typed.selectionStart === 0 && entries(box).length) {
      entries(box).at(-1).querySelector("button").focus();
    }
  } else if (entry) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      remove(box, entry);
    } else if (step && event.altKey) {
      event.preventDefault();
      move(box, entry, step);
    } else if (step) {
      event.preventDefault();
      const other = step < 0 ? entry.previousElementSibling : entry.nextElementSibling;
      (other?.querySelector("button") ?? (step > 0 ? box.querySelector("input[type=text]") : null))?.focus();
    }
  }
});

// A command or an export names several of the six fields: the server reads it, and each goes where it belongs.
const NAMED = /\b(allow_?(origins|headers|methods|credentials)|expose_?headers|max_?age)\b/gi;
const isWhole = (text) => new Set((text.match(NAMED) ?? []).map((name) => name.toLowerCase())).size > 1;

form?.addEventListener("paste", (event) => {
  const box = field(event.target);
  if (!box || !event.target.matches("input[type=text]")) return;
  const text = event.clipboardData.getData("text");
  if (isWhole(text)) {
    event.preventDefault();
    form.elements.preset_text.value = text;
    form.requestSubmit(form.querySelector("button[name=preset][value=paste]"));
    return;
  }
  if (event.target.value || split(text).length < 2) return; // one entry: let it be typed on
  event.preventDefault();
  add(box, text);
});

form?.addEventListener("focusout", (event) => {
  const box = field(event.target);
  if (!box || !event.target.matches("input[type=text]")) return;
  if (add(box, event.target.value)) event.target.value = "";
});

form?.addEventListener("click", (event) => {
  const box = field(event.target);
  if (box && event.target.closest("[data-add]")) {
    event.preventDefault();
    const typed = box.querySelector("input[type=text]");
    if (add(box, typed.value)) typed.value = "";
    typed.focus();
  } else if (box && event.target.closest("button[name=remove]")) {
    event.preventDefault();
    remove(box, event.target.closest("li"));
  } else if (event.target.closest("[data-presets] button")) {
    const input = form.elements.MaxAge;
    input.value = event.target.dataset.value;
    changed();
  }
});

// Dragging an entry to another place of its list.
let dragged = null;
form?.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("li.token") ?? null;
});
form?.addEventListener("dragover", (event) => {
  const over = event.target.closest("li.token");
  if (!dragged || !over || field(over) !== field(dragged)) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  if (event.clientX < box.left + box.width / 2) over.before(dragged);
  else over.after(dragged);
});
form?.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  dragged = null;
  changed();
});
