// The page of a change that this person sent: their drafts that have nothing else in them are forgotten once it is
// applied. While it is being applied they only remember this page, so that the panel can ask here how it went; when it
// fails, they are what they were.

import { draftsOf, isIn } from "./drafts.js";

const change = document.getElementById("change")?.dataset;

if (change?.asked && change.status !== "failed") {
  const drafts = draftsOf(change.draft);
  const asked = JSON.parse(change.asked);
  const after = (draft) => {
    // One typed over a later version is of its own, even if it reads the same.
    if (!draft || Number(draft.version) > Number(change.before) || !isIn(draft, asked)) return draft;
    return change.status === "applied" ? null : { ...draft, change: location.pathname };
  };
  drafts.keep(after(drafts.current()));
  drafts.keepOlder(drafts.older().map(after).filter(Boolean));
}
