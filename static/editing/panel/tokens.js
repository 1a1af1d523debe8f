// The panel's list fields: what is typed becomes an entry by Enter, comma, blank, paste or leaving the box, so that
// nothing typed is lost. Without this script the Add and × buttons submit the form and do the same on the server.
// An entry is a list item with a hidden input; its × takes the focus, and with it ← → walk, Alt+← → move, Delete removes.

import { split } from "./entries.js";

const form = document.getElementById("panel");
const TAKING = new Set(["Backspace", "Delete", "Enter"]);

const field = (element) => element.closest("[data-tokens]");
const list = (box) => box.querySelector("ul");
const entries = (box) => [...list(box).children];
const valueOf = (item) => item.querySelector("input").value;

function say(box, text) {
  box.querySelector("[data-status]").textContent = text;
}

function changed() {
  form.dispatchEvent(new CustomEvent("panel:changed", { bubbles: true }));
}

// Replace all entries of a field.
export function fill(box, values) {
  list(box).replaceChildren(...values.map((value) => item(box, value)));
}

// What stood in the box becomes entries. The box is emptied first: listeners to the change find no text there.
function take(box, text) {
  box.querySelector("input[type=text]").value = "";
  const known = new Set(entries(box).map(valueOf));
  const added = split(text).filter((value) => !known.has(value) && known.add(value));
  for (const value of added) list(box).append(item(box, value));
  if (added.length) {
    say(box, `Added ${added.join(", ")}`);
    changed();
  }
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
  tellPlace(box, item);
  changed();
}

function tellPlace(box, item) {
  say(box, `${valueOf(item)} is now number ${entries(box).indexOf(item) + 1} of ${entries(box).length}`);
}

// A long list comes without what makes each entry a whole one.
function complete() {
  for (const entry of form?.querySelectorAll("li.token:not([draggable])") ?? []) {
    entry.draggable = true;
    entry.querySelector("button").setAttribute("aria-label", `Remove ${valueOf(entry)}`);
  }
}
complete();
document.addEventListener("htmx:after:settle", complete);

form?.addEventListener("keydown", (event) => {
  const preset = event.target.closest(".preset")?.querySelector("button[name=preset]");
  if (preset && event.key === "Enter" && event.target.matches("input") && !event.isComposing) {
    event.preventDefault(); // the form's own first button would only show the panel again
    preset.click();
    return;
  }
  const box = field(event.target);
  if (!box) return;
  const entry = event.target.closest("li");
  // A key that is held clears the text, and no entry: that takes a press of its own for each.
  if (event.repeat && TAKING.has(event.key) && (entry || !event.target.value)) {
    event.preventDefault();
    return;
  }
  if (event.target.matches("input[type=text]")) {
    const typed = event.target;
    if ((event.key === "Enter" || event.key === "," || event.key === " ") && !event.isComposing) {
      if (event.key === "Enter" || typed.value.trim()) event.preventDefault();
      take(box, typed.value);
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

// A command or an export that names more than this field: the server reads it, and each value goes where it belongs.
const NAMED = /\b(allow_?(?:origins|headers|methods|credentials)|expose_?headers|max_?age)\b/gi;
const WHOLE = /^\s*(?:[$%>] )?aws\s|cors_?configuration/i;
const isWhole = (text, own) =>
  WHOLE.test(text) || (text.match(NAMED) ?? []).some((name) => name.replace("_", "").toLowerCase() !== own.toLowerCase());

form?.addEventListener("paste", (event) => {
  const box = field(event.target);
  if (!box || !event.target.matches("input[type=text]")) return;
  const typed = event.target;
  const text = event.clipboardData.getData("text");
  if (isWhole(text, box.dataset.tokens)) {
    event.preventDefault();
    form.elements.preset_text.value = text;
    form.requestSubmit(form.querySelector("button[name=preset][value=paste]"));
    return;
  }
  if (split(text).length < 2) return; // one entry: let it be typed on
  event.preventDefault();
  const [before, after] = [typed.value.slice(0, typed.selectionStart), typed.value.slice(typed.selectionEnd)];
  // The text in the box is the beginning of the first entry, unless the paste begins with a whole one.
  const gap = /^\s*(?:\w+:\/\/|\W)/.test(text) ? " " : "";
  take(box, before + gap + text + after);
});

form?.addEventListener("focusout", (event) => {
  const box = field(event.target);
  if (!box || !event.target.matches("input[type=text]")) return;
  take(box, event.target.value);
});

form?.addEventListener("click", (event) => {
  const box = field(event.target);
  if (box && event.target.closest("[data-add]")) {
    event.preventDefault();
    const typed = box.querySelector("input[type=text]");
    take(box, typed.value);
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
  tellPlace(field(dragged), dragged);
  dragged = null;
  changed();
});
