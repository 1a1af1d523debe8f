// Swagger UI on the REST API's OpenAPI document, in the page's theme.
const place = document.getElementById("api-reference");
const isDark = matchMedia("(prefers-color-scheme: dark)");

function follow_theme() {
  const theme = document.documentElement.dataset.theme;
  document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : isDark.matches);
}

follow_theme();
isDark.addEventListener("change", follow_theme);
new MutationObserver(follow_theme).observe(document.documentElement, { attributeFilter: ["data-theme"] });

window.SwaggerUIBundle({
  url: place.dataset.openapi,
  domNode: place,
  deepLinking: false,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
