// Some browsers name a language that their own Intl refuses, such as en-US@posix where LANG is C; uPlot would not load then.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: document.documentElement.lang || "en", configurable: true });
}
