// Counts what is ticked and shows its cost; without this the numbers are those of the first choice.
const form = () => document.querySelector("form[data-suggestions]");
const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 2 });

// How many probes a box stands for, or with "-calls" how many addresses their runs call.
function countOf(box, groups, withFailing, what) {
  if (box.name !== "tick") return Number((what ? box.dataset.calls : box.dataset.count) ?? 1);
  return groups.reduce((sum, group) => {
    const failing = withFailing ? Number(box.getAttribute(`data-${group}-failing${what}`)) : 0;
    return sum + Number(box.getAttribute(`data-${group}${what}`)) + failing;
  }, 0);
}

function show() {
  const current = form();
  if (!current) return;
  const groups = [...current.querySelectorAll("[name=group]:checked")].map((box) => box.value);
  const withFailing = current.querySelector("[name=failing]")?.checked ?? false;
  const boxes = [...current.querySelectorAll(":is([name=probe], [name=rest], [name=tick]):checked")];
  const total = (what) => boxes.reduce((sum, box) => sum + countOf(box, groups, withFailing, what), 0);
  const count = total("");
  const interval = Number(current.elements.interval.value);
  const values = { count, calls: (total("-calls") * 60) / interval, rows: Math.round((count * 86400) / interval) };
  for (const [name, value] of Object.entries(values)) {
    current.querySelector(`[data-cost=${name}]`).textContent = number(value);
  }
}

// The page is read again while routes arrive; what the user has chosen stays.
const touched = new Map();
const keyOf = (field) => (field.type === "checkbox" ? `${field.name}=${field.value}` : field.name);
const stateOf = (field) => (field.type === "checkbox" ? field.checked : field.value);

function restore() {
  for (const field of form()?.elements ?? []) {
    const state = touched.get(keyOf(field));
    if (state === undefined) continue;
    if (field.type === "checkbox") field.checked = state;
    else field.value = state;
  }
  show();
}

document.addEventListener("change", (event) => {
  if (!form()?.contains(event.target)) return;
  touched.set(keyOf(event.target), stateOf(event.target));
  show();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-all], [data-none]");
  if (!button) return;
  const group = button.dataset.all ?? button.dataset.none;
  for (const box of form().querySelectorAll(`[data-group="${group}"]`)) {
    box.checked = "all" in button.dataset;
    touched.set(keyOf(box), box.checked);
  }
  show();
});
document.addEventListener("htmx:after:swap", restore);
show();
