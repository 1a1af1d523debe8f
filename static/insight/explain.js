// Ctrl-Enter (or Cmd-Enter) analyzes what was pasted; after that the answer has the focus, so that it is read and seen.
let analyzing = false;

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("#explain-form");
  if (form) { event.preventDefault(); form.requestSubmit(document.getElementById("analyze")); }
});

document.addEventListener("submit", (event) => { analyzing ||= event.target.id === "explain-form"; });

document.addEventListener("htmx:after:settle", () => {
  if (!analyzing) return;
  analyzing = false;
  (document.getElementById("answer-title") ?? document.querySelector("#explain-form [aria-invalid=true]"))?.focus();
});
