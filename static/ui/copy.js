// Copy buttons: data-copy holds the text; when it is empty, the text of the code block that the button sits in.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy || button.closest(".code")?.querySelector("code")?.textContent || "";
  const label = button.querySelector("span");
  const before = label?.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.copied = "";
    if (label) label.textContent = "Copied";
  } catch {
    const block = button.closest(".code")?.querySelector("code");
    if (block) getSelection().selectAllChildren(block);
    if (label) label.textContent = "Press Ctrl+C";
  }
  const say = document.createElement("span");
  say.className = "visually-hidden";
  say.setAttribute("role", "status");
  button.after(say);
  requestAnimationFrame(() => { say.textContent = "Copied"; });
  setTimeout(() => {
    delete button.dataset.copied;
    if (label) label.textContent = before;
    say.remove();
  }, 2000);
});
