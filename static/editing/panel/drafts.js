// The drafts of a panel as this browser keeps them, for one person and one API: the one in the form, and
// those that the person has still to decide about. A draft holds the six fields, the version that they were typed over
// (`version`, and its fields `from`), when that was, and the page of the change with which it was sent (`change`).

const WEEK = 7 * 24 * 3600 * 1000;
const NAMES = ["AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders", "MaxAge", "AllowCredentials"];

const isRecent = (draft) => draft && Date.now() - draft.at < WEEK;

function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // no storage, or nothing of ours in it
  }
}

function save(key, value) {
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    else localStorage.removeItem(key);
  } catch {
    // storage is full or switched off: the form works without
  }
}

// Read again each time: another tab may have written meanwhile.
export function draftsOf(whose) {
  const key = `corsdash-draft:${whose}`;
  return {
    current: () => [load(key)].find(isRecent) ?? null,
    keep: (draft) => save(key, draft),
    older: () => (load(`${key}:older`) ?? []).filter(isRecent),
    keepOlder: (drafts) => save(`${key}:older`, drafts.length && drafts),
  };
}

// As AWS compares: the order of a list and the case of header names mean nothing, and an unset max-age is 0.
function plain(name, value) {
  if (Array.isArray(value)) return value.map((one) => (/Headers$/.test(name) ? one.toLowerCase() : one)).sort();
  if (name !== "MaxAge") return value;
  const text = String(value).trim();
  return /^[+-]?\d+$/.test(text) ? String(Number(text)) : text || "0";
}

const typed = (fields) => (fields.typed ?? []).some((one) => one.trim()) && fields.typed;
const text = (fields) => JSON.stringify([...NAMES.map((name) => plain(name, fields[name])), typed(fields)]);
export const same = (one, other) => text(one) === text(other);

// Whether a configuration has in it all that a draft changes. It may hold more: where others had changed something too,
// both sides were picked.
export function isIn(draft, fields) {
  if (typed(draft.fields)) return false;
  if (!draft.from) return same(draft.fields, fields);
  return NAMES.every((name) => {
    const [was, mine, now] = [draft.from, draft.fields, fields].map((one) => plain(name, one[name]));
    if (!Array.isArray(mine)) return mine === was || mine === now;
    return mine.every((one) => was.includes(one) || now.includes(one)) && was.every((one) => mine.includes(one) || !now.includes(one));
  });
}
