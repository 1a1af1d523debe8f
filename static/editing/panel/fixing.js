// A fix comes from the server, which puts it into the fields as they were when its button was pressed. Until the answer
// is there nothing can be typed into them, for it would be lost. The button goes with its finding: say that it was done,
// and put the focus on its field's heading, where no key that is pressed again changes anything.

const DIM = { opacity: 0.6 };

const status = document.getElementById("panel-status");
const fields = () => document.getElementById("panel-fields");

let fixing = null;

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const button = ctx.sourceElement;
  if (!button.matches("button[name=fix]")) return;
  fixing = { ctx, button, row: button.closest(".panel-row")?.id, label: button.textContent.trim() };
  status.textContent = `Working: ${fixing.label}`;
  fields().inert = true;
  fields().setAttribute("aria-busy", "true");
  fixing.dimmed = fields().animate([{}, DIM], { duration: 100, delay: 150, fill: "both" });
});

document.addEventListener("htmx:finally:request", (event) => {
  if (!fixing || event.detail.ctx !== fixing.ctx) return; // by now the request's element may be another one
  const { ctx, button, row, label, dimmed } = fixing;
  fixing = null;
  dimmed.cancel();
  fields().inert = false;
  fields().removeAttribute("aria-busy");
  const isDone = ctx.status === "swapped" && ctx.response.raw.ok;
  status.textContent = `${isDone ? "Done" : "Not done"}: ${label}`;
  if (isDone) fields().dispatchEvent(new CustomEvent("panel:changed", { bubbles: true }));
  // The focus was in the fields, and went nowhere when they became inert; who has gone on elsewhere stays there.
  if (document.activeElement !== document.body) return;
  const heading = document.getElementById(row)?.querySelector("h2");
  if (heading) heading.tabIndex = -1;
  (isDone || !button.isConnected ? heading : button)?.focus();
});
