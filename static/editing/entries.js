// The entries of a typed or pasted text, by the same rules as the server's `read_list`: between commas, blanks or line
// ends, quoted or not, as JSON, as a list of a program, of YAML or Markdown, or behind a field's or a header's name.

const NAMES = [
  "access-control-(?:allow-(?:origin|headers|methods)|expose-headers)",
  "allow_?(?:origins|headers|methods)",
  "expose_?headers",
  "allowed(?:origins|headers|methods)",
  "exposedresponseheaders",
].join("|");
const KEY = new RegExp(`^[\\s{,"'-]*(?:${NAMES})["']?\\s*[:=]`, "i");
const ENTRY = /"([^"\n]*)"|'([^'\n]*)'|([^\s,;[\]"'`]+(?:\[[0-9A-Fa-f:.]*\][^\s,;[\]"'`]*)?)/g;
const COMMENT = /(^|\s)(?:#|\/\/)[^\n]*/g;
const BULLET = /^[ \t]*(?:[-+•–]|\d+[.)])[ \t]+/gm;
const STARRED = /^[ \t]*\*[ \t]+(?=\S)/gm;
const PUNCTUATION = new Set(["", "-", "{", "}", "•"]);

function fromJson(text) {
  if (!text.startsWith("[")) return null;
  try {
    const list = JSON.parse(text);
    const isOurs = Array.isArray(list) && list.every((entry) => typeof entry === "string");
    return isOurs ? list.map((entry) => entry.trim()).filter(Boolean) : null;
  } catch {
    return null; // not JSON after all: read it as a plain list
  }
}

function withoutStars(text) {
  const lines = text.split("\n").filter((line) => line.trim());
  const starred = lines.filter((line) => /^[ \t]*\*[ \t]+\S/.test(line));
  const isList = starred.length === lines.length && (lines.length > 1 || /^\*[ \t]+\S+:\/\//.test(text));
  return isList ? text.replace(STARRED, "") : text;
}

// The entries, in order, with repeats.
export function split(given) {
  let text = given.trim().replace(/^\ufeff/, "");
  const list = fromJson(text);
  if (list) return list;
  text = withoutStars(text.replace(COMMENT, "$1")).replace(KEY, "").replace(BULLET, "");
  return [...text.matchAll(ENTRY)]
    .map((found) => (found[1] || found[2] || found[3] || "").trim().replace(/^<(\w+:\/\/.*)>$/, "$1"))
    .filter((entry) => !PUNCTUATION.has(entry));
}
