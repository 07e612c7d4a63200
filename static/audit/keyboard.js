// Single-key shortcuts, listed in the dialog #keys. They can be switched off there.
const OFF = "shortcuts-off";
const dialog = () => document.getElementById("keys");
const rows = () => [...document.querySelectorAll("tr.event")];

const isOff = () => localStorage.getItem(OFF) === "1";
const isTyping = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

function currentRow() {
  const focused = document.activeElement?.closest("tr.event, tr.detail");
  const row = focused?.matches(".detail") ? focused.previousElementSibling : focused;
  return row ?? document.querySelector("tr.event.current");
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)];
  next.querySelector("a[data-panel]").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const follow = (selector, within = document) => within?.querySelector(selector)?.click();

const ACTIONS = {
  "/": () => document.querySelector("[data-slash]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  x: () => follow("a[data-facet=actor]", currentRow()),
  t: () => currentRow()?.querySelector("a.tag")?.focus(),
  s: () => follow("#save-view, #save-as-new"),
  c: () => follow("#frozen"),
  "[": () => follow("a[data-page=newer]"),
  "]": () => follow("a[data-page=older]"),
  n: () => follow(".news > :not([hidden])"),
  "?": () => dialog().showModal(),
};

// Enter on what has the focus is the browser's; on a row that is current but has lost it, ours.
const isNowhere = (target) => target === document.body || target.id === "main";
const actionOf = ({ key, target }) =>
  key === "Enter" && isNowhere(target)
    ? () => follow("a[data-panel]", currentRow())
    : Object.hasOwn(ACTIONS, key) && ACTIONS[key];

let isAfterG = false;
let forgetG;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isOff() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const wentG = isAfterG;
  isAfterG = event.key === "g" && !wentG;
  clearTimeout(forgetG);
  if (isAfterG) {
    forgetG = setTimeout(() => (isAfterG = false), 1500);
    return;
  }
  const action = wentG ? () => follow(`a[data-go="${CSS.escape(event.key)}"]`) : actionOf(event);
  if (!action) return;
  event.preventDefault();
  action();
});

// A row stays current until something else has the focus: a click beside it is nothing else.
document.addEventListener("focusin", ({ target }) => {
  if (isNowhere(target)) return;
  const row = target.closest?.("tr.event");
  for (const other of document.querySelectorAll("tr.event.current")) {
    if (other !== row) other.classList.remove("current");
  }
  row?.classList.add("current");
});

function ready() {
  for (const button of document.querySelectorAll("[data-open-keys]")) button.hidden = isOff();
  for (const box of document.querySelectorAll("[data-shortcuts]")) box.checked = !isOff();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-open-keys]")) dialog().showModal();
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-shortcuts]")) return;
  localStorage.setItem(OFF, target.checked ? "0" : "1");
  ready();
});

ready();
for (const event of ["htmx:afterSwap", "htmx:historyRestore"]) document.addEventListener(event, ready);
