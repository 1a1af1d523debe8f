// The theme buttons. The choice lives in a cookie, so that the server draws the page in it and nothing flashes.
const buttons = [...document.querySelectorAll("[data-theme-choice]")];
const root = document.documentElement;

function mark() {
  const current = root.dataset.theme ?? "";
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeChoice === current)));
}

buttons.forEach((button) => button.addEventListener("click", () => {
  const choice = button.dataset.themeChoice;
  if (choice) root.dataset.theme = choice; else delete root.dataset.theme;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `corsdash_theme=${choice}; Path=/; Max-Age=${choice ? 31536000 : 0}; SameSite=Lax${secure}`;
  mark();
}));
mark();
