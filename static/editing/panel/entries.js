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
// A name before a list: of a variable of a program or a shell, of a constant, of an argument.
const NAMED = new RegExp(
  String.raw`^\s*(?:(?:export|const|let|var|val|set|local|readonly|ENV|ARG|public|private|static|final)\s+)*` +
    String.raw`(?:[A-Za-z_][\w.-]*(?:\s*:\s*[\w<>\[\]., ]{1,60}?)?\s*=(?!=)\s*` +
    "(?=[\\[(\"'`]|(?:new\\s+)?\\w+(?:\\.\\w+)*\\()" +
    String.raw`|[A-Za-z_][\w.-]*\s*:\s+(?=[\["'])|(?:\$env:)?[A-Z][A-Z0-9_]+\s*(?:=|:\s)(?!=)\s*)`,
);
const CALL = /^(?:new\s+)?[A-Za-z_][\w.]*(?:<[\w, ]*>)?\(\s*(?=[["'])/;
const MARKDOWN_LINK = /\[[^[\]\n]{0,300}\]\((\w+:\/\/[^()\s]{1,300})[^()\n]{0,100}\)/g;
const TABLE_RULE = /^\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t:|-]*)?$/;
const COMMENT = /(^|\s)(?:#|\/\/)[^\n]*/g;
const BULLET = /^[ \t]*(?:[-+•–]|\d+[.)])[ \t]+/gm;
const STARRED = /^[ \t]*\*[ \t]+(?=\S)/gm;
const PUNCTUATION = new Set(["", "-", "{", "}", "•", "(", ")", ");"]);

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

// An entry, or those of a list in quotes: "GET,POST".
function parts(found) {
  const quoted = found[1] || found[2] || "";
  if (quoted.includes(",")) {
    const list = quoted.split(",").map((part) => part.replace(/^[ \t"']+|[ \t"']+$/g, ""));
    if (!list.some((part) => part.includes(" "))) return list;
  }
  return [(quoted || found[3] || "").trim()];
}

// The cells of a Markdown table, one a line: of the column with the most URLs, else of the first.
function column(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const rule = lines.slice(0, 3).findIndex((line) => line.includes("|") && TABLE_RULE.test(line));
  if (rule < 0) return text;
  const rows = lines.slice(rule + 1).map((line) =>
    line.replace(/^\|+|\|+$/g, "").split("|").map((cell) => cell.replace(/^[ \t`]+|[ \t`]+$/g, "")),
  );
  const counts = [];
  for (const row of rows)
    row.forEach((cell, place) => {
      if (cell.includes("://")) counts[place] = (counts[place] || 0) + 1;
    });
  const most = Math.max(0, ...counts.filter(Boolean));
  const chosen = most ? counts.indexOf(most) : 0;
  return rows.filter((row) => chosen < row.length).map((row) => row[chosen]).join("\n");
}

// The entries, in order, with repeats.
export function split(given) {
  let text = given.trim().replace(/^\ufeff/, "");
  const list = fromJson(text);
  if (list) return list;
  text = withoutStars(column(text.replace(COMMENT, "$1").replace(MARKDOWN_LINK, "$1")));
  text = text.replace(KEY, "").trimStart().replace(NAMED, "").trimStart().replace(CALL, "");
  if (text.startsWith("[") && text.includes("]")) {
    text = text.slice(0, text.lastIndexOf("]") + 1);
    const inner = fromJson(text);
    if (inner) return inner;
  }
  return [...text.replace(BULLET, "").matchAll(ENTRY)]
    .flatMap(parts)
    .map((entry) => entry.replace(/^<(\w+:\/\/.*)>$/, "$1"))
    .filter((entry) => !PUNCTUATION.has(entry));
}
