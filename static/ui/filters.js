// htmx takes hold of a page a moment after it is there. What was typed into a filter until then is asked for after all.
function ask() {
  for (const field of document.querySelectorAll("form.filters input[type=search]")) {
    if (field.value !== field.defaultValue) field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

document.addEventListener("htmx:after:process", (event) => { if (event.target === document.body) ask(); });
if (document.querySelector("form.filters[data-htmx-powered]")) ask();
