// Messages: can be dismissed, and report failed htmx requests. A session that has ended leads to sign-in.
const list = document.getElementById("flashes");
const pattern = document.getElementById("flash-error");

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest(".flash")?.remove();
});

function show(text) {
  if (!list || !pattern) return;
  const same = [...list.querySelectorAll("[data-text]")].some((element) => element.textContent === text);
  if (same) return;
  const flash = pattern.content.cloneNode(true);
  flash.querySelector("[data-text]").textContent = text;
  list.append(flash);
}

document.addEventListener("htmx:before:response", (event) => {
  const response = event.detail?.ctx?.response?.raw;
  if (response?.redirected && new URL(response.url).pathname.startsWith("/sign-in")) {
    event.preventDefault();
    location.reload();
  }
});

document.addEventListener("htmx:response:error", (event) => {
  const { status } = event.detail.ctx.response;
  if (![403, 404].includes(status) && status < 500) return; // the answer says it in its place
  const page = new DOMParser().parseFromString(event.detail.ctx.text ?? "", "text/html");
  const message = page.querySelector("[data-error]")?.textContent.replace(/\s+/g, " ").trim();
  show(message || `The server answered ${status}. Try again; if it persists, see the server's log.`);
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail?.ctx?.response) return;
  show("The server could not be reached. Check your connection; progress updates retry automatically.");
});
