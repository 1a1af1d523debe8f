// Messages: can be dismissed, and tell when a request made by htmx failed. A session that has ended leads to sign-in.
const list = document.getElementById("flashes");
const pattern = document.getElementById("flash-error");

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest(".flash")?.remove();
});

function tell(text) {
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
  const said = page.querySelector("[data-error]")?.textContent.replace(/\s+/g, " ").trim();
  tell(said || `That did not work: the server answered ${status}. Try again; if it stays so, the server's log says why.`);
});

document.addEventListener("htmx:error", (event) => {
  if (event.detail?.ctx?.response) return;
  tell("The server could not be reached. Check your connection; this page tries again by itself where it shows progress.");
});
