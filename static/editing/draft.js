// What was typed into the panel and not applied yet is kept in this browser, for this person and this API, so that it
// survives a reload, a closed tab and a sign-out. It holds the six fields and nothing else. When the form opens anew it is
// filled in; when AWS has moved on since, the person is asked first. Once it is what is live, it is forgotten.

import { fill } from "./tokens.js";

const form = document.getElementById("panel");
const notice = document.getElementById("draft");
const key = `corsdash-draft:${form?.dataset.draft}`;
const WEEK = 7 * 24 * 3600 * 1000;

const lists = () => [...form.querySelectorAll("[data-tokens]")];
const boxOf = (list) => list.querySelector("input[type=text]");
const methods = () => [...form.querySelectorAll("input[name=AllowMethods]")];

function read() {
  const fields = { MaxAge: form.elements.MaxAge.value, AllowCredentials: form.elements.AllowCredentials.checked };
  for (const box of lists()) fields[box.dataset.tokens] = [...box.querySelectorAll("li input")].map((input) => input.value);
  fields.AllowMethods = methods().filter((input) => input.checked).map((input) => input.value);
  fields.typed = lists().map(boxOf).map((box) => box.value);
  return fields;
}

function write(fields) {
  for (const box of lists()) fill(box, fields[box.dataset.tokens] ?? []);
  lists().forEach((box, number) => (boxOf(box).value = fields.typed?.[number] ?? ""));
  for (const input of methods()) input.checked = fields.AllowMethods.includes(input.value);
  form.elements.MaxAge.value = fields.MaxAge;
  form.elements.AllowCredentials.checked = fields.AllowCredentials;
  form.dispatchEvent(new CustomEvent("panel:changed", { bubbles: true }));
}

const NAMES = ["AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders", "MaxAge", "AllowCredentials"];
// As AWS compares: the order of a list and the case of header names mean nothing.
const plain = (name, value) => (Array.isArray(value) ? value.map((one) => (/Headers$/.test(name) ? one.toLowerCase() : one)).sort() : value);
const typed = (fields) => (fields.typed ?? []).some((one) => one.trim()) && fields.typed;
const text = (fields) => JSON.stringify([...NAMES.map((name) => plain(name, fields[name])), typed(fields)]);
const same = (one, other) => text(one) === text(other);

function kept() {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    return draft && Date.now() - draft.at < WEEK ? draft : null;
  } catch {
    return null; // no storage, or nothing of ours in it
  }
}

function keep(draft) {
  try {
    if (draft) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // storage is full or switched off: the form works without
  }
}

function tell(text, asks) {
  notice.hidden = false;
  notice.querySelector("[data-text]").textContent = text;
  notice.querySelector("[data-restore]").hidden = !asks;
}

if (form && notice) {
  const start = JSON.parse(form.dataset.live);
  const version = form.elements.version.value;
  const draft = kept();
  const note = () => keep(same(read(), start) ? null : { version, at: Date.now(), fields: read() });
  if (draft && same(draft.fields, start)) keep(null);
  else if (draft && form.dataset.fresh) {
    if (draft.version === version) {
      write(draft.fields);
      tell("What you had not applied yet is filled in again.", false);
    } else {
      tell("You typed something here that was not applied before the configuration changed.", true);
    }
  } else if (!form.dataset.fresh) {
    note(); // come back to with what was typed, or filled in by a link
  }
  notice.addEventListener("click", (event) => {
    const discards = event.target.closest("[data-discard]");
    if (!discards && !event.target.closest("[data-restore]")) return;
    write(discards ? start : draft.fields);
    if (discards) keep(null);
    notice.hidden = true;
  });
  form.addEventListener("panel:changed", note);
  form.addEventListener("input", note);
  form.addEventListener("submit", note);
  // A fix comes from the server, which has put it into the fields.
  document.addEventListener("htmx:after:settle", note);
}
