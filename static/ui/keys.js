// "/" goes to the search field, as in many consoles; Escape closes open details menus; a click elsewhere closes them too.
const typing = "input, textarea, select, [contenteditable]";
const popups = "details.confirm[open], details.help[open]";

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest?.(typing)) {
    const field = document.querySelector("[data-search]") ?? document.getElementById("topbar-search");
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  }
  if (event.key === "Escape") for (const open of document.querySelectorAll(popups)) {
    open.open = false;
    if (open.contains(document.activeElement)) open.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll(popups)) if (!open.contains(event.target)) open.open = false;
});
