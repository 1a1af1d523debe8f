// The page of a change that this person sent: their drafts that have nothing else in them are forgotten once it is
// applied. While it is being applied they only remember this page, so that the panel can ask here how it went; when it
// fails, they are what they were.

import { draftsOf, isIn } from "./drafts.js";

const told = document.getElementById("change")?.dataset;

// The lines of the six fields, in the panel's order.
function fieldsOf(text) {
  const [origins, headers, methods, exposed, seconds, credentials] = text.split("\n").map((line) => line.trim());
  const list = (line) => line.split(" ").filter(Boolean);
  return {
    AllowOrigins: list(origins),
    AllowHeaders: list(headers),
    AllowMethods: list(methods),
    ExposeHeaders: list(exposed),
    MaxAge: seconds,
    AllowCredentials: credentials === "True",
  };
}

if (told?.asked && told.status !== "failed") {
  const drafts = draftsOf(told.draft);
  const asked = fieldsOf(told.asked);
  const after = (draft) => {
    // One typed over a later version is of its own, even if it reads the same.
    if (!draft || Number(draft.version) > Number(told.before) || !isIn(draft, asked)) return draft;
    return told.status === "applied" ? null : { ...draft, change: location.pathname };
  };
  drafts.keep(after(drafts.current()));
  drafts.keepOlder(drafts.older().map(after).filter(Boolean));
}
