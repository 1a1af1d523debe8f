// What was typed into the panel and not applied yet is kept in this browser, for this person and this API, so that it
// survives a reload, a closed tab and a sign-out. When the form opens again it is filled in. When AWS has moved on since,
// or a link has filled the form in, the person is asked, and until they have answered nothing is written over it.
// Once it is what is live, it is forgotten; sent.js forgets it where its change is applied.

import { draftsOf, isIn, same } from "./drafts.js";
import { fill } from "./tokens.js";

const form = document.getElementById("panel");
const notice = document.getElementById("draft");
const AGAIN = "What you had not applied yet is filled in again.";

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

// The draft that this tab sent to be filled in by a preset: what comes back takes its place, as was asked for.
const given = {
  get at() {
    try {
      return Number(sessionStorage.getItem("corsdash-given"));
    } catch {
      return 0; // no storage: then there is no draft either
    }
  },
  set at(moment) {
    try {
      sessionStorage.setItem("corsdash-given", moment);
    } catch {
      // as above
    }
  },
};

async function isApplied(change) {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(change)).text(), "text/html");
    return page.getElementById("change")?.dataset.status === "applied";
  } catch {
    return false; // unknown: ask
  }
}

if (form && notice) {
  const drafts = draftsOf(form.dataset.draft);
  const live = { version: form.dataset.version, fields: JSON.parse(form.dataset.live) };
  const opened = read(); // what this page's address or form brought
  const isPosted = form.dataset.opened === "posted";
  const version = () => form.elements.version.value;
  let from = version() === live.version ? live.fields : undefined;
  let filledIn = ""; // the notice about a draft that is in the form

  const written = () => ({ version: version(), from, at: Date.now(), fields: read() });
  const note = () => drafts.keep(same(read(), live.fields) ? null : written());
  const question = () => drafts.older().at(-1);
  const drop = (draft) => drafts.keepOlder(drafts.older().filter((one) => one.at !== draft.at));
  const putAside = (draft) => drafts.keepOlder([...drafts.older().filter((one) => !same(one.fields, draft.fields)), draft]);

  function put(draft) {
    form.elements.version.value = draft.version; // the plan then knows what was seen, and meets the conflict
    from = draft.from;
    write(draft.fields);
  }

  const open = {
    fresh(draft) {
      if (draft?.version === live.version) {
        put(draft);
        drafts.keep(draft);
        drop(draft);
        filledIn = AGAIN;
      } else if (draft) {
        putAside(draft);
        drafts.keep(null);
      }
    },
    // A link has filled the form in. Who only looks at it has typed nothing: the link does it again.
    link(draft) {
      if (!draft || same(draft.fields, opened)) return;
      putAside(draft);
      drafts.keep(null);
    },
    // The form comes back with what was sent, or from a plan of something else.
    posted(draft) {
      if (draft && draft.at !== given.at && !isIn(draft, opened)) putAside(draft);
      if (draft?.version === version()) from ??= draft.from;
      note();
    },
  };

  function showNotice() {
    const asked = question();
    const before = asked && asked.version !== live.version ? " before the configuration changed" : "";
    const besides = filledIn ? `Something else that you typed${before} is kept as well.` : `You typed something here that was not applied${before}.`;
    notice.hidden = !asked && !filledIn;
    notice.querySelector("[data-restore]").hidden = !asked;
    notice.querySelector("[data-text]").textContent = asked ? `${filledIn} ${besides}`.trim() : filledIn;
  }

  async function ask() {
    for (const draft of drafts.older()) if (draft.change && (await isApplied(draft.change))) drop(draft);
    showNotice();
  }

  if (drafts.current() && same(drafts.current().fields, live.fields)) drafts.keep(null);
  drafts.keepOlder(drafts.older().filter((one) => !same(one.fields, live.fields) && !(isPosted && same(one.fields, opened))));
  // One that was put aside for a link, which came to nothing, is the last that was typed.
  open[form.dataset.opened](drafts.current() ?? question());
  ask();

  notice.addEventListener("click", (event) => {
    const discards = event.target.closest("[data-discard]");
    if (!discards && !event.target.closest("[data-restore]")) return;
    const asked = question();
    if (asked) drop(asked);
    if (asked && !discards) {
      const now = written();
      const isToBeHadAgain = same(now.fields, live.fields) || (!isPosted && same(now.fields, opened));
      if (!isToBeHadAgain && !same(now.fields, asked.fields)) putAside(now);
      put(asked);
      filledIn = "It is filled in.";
    } else if (!asked) {
      put({ ...live, from: live.fields });
    }
    if (!question() && !(asked && discards && filledIn === AGAIN)) filledIn = ""; // all is answered
    showNotice();
  });
  form.addEventListener("panel:changed", note);
  form.addEventListener("input", note);
  form.addEventListener("submit", (event) => {
    note();
    given.at = event.submitter?.name === "preset" ? (drafts.current()?.at ?? 0) : 0;
  });
}
