// The histogram above the table: arrows move between its bars, Enter or a click narrows the time
// to one, dragging or Shift with arrows to several. And what loading it must not disturb.
const bars = (within = document) => [...within.querySelectorAll("[data-histogram] .bar")];
const chosen = () => document.querySelector("[data-histogram] .chosen");

let anchor = null; // where the choice of several bars began
let head = null; // the bar it has come to
let isDragging = false;
let wasKeyboard = false;

// --- Going to a range ---------------------------------------------------------------------------

function go(first, last) {
  const url = new URL(location.href);
  for (const place of ["cursor", "newer", "open"]) url.searchParams.delete(place);
  url.searchParams.set("since", first.dataset.since);
  url.searchParams.set("until", last.dataset.until);
  url.hash = "";
  const href = url.href.replace(/%(3A|2F|40|2C)/g, decodeURIComponent);
  if (!document.getElementById("results")) location.assign(href);
  else htmx.ajax("GET", href, { source: "#log", target: "#results", swap: "outerHTML", push: href });
}

function goToChoice() {
  const all = bars();
  const [from, to] = [all.indexOf(anchor), all.indexOf(head)].sort((a, b) => a - b);
  forget();
  if (from >= 0) go(all[from], all[to]);
}

// --- Choosing several ---------------------------------------------------------------------------

function choose(bar) {
  head = bar;
  const all = bars();
  const [from, to] = [all.indexOf(anchor), all.indexOf(head)].sort((a, b) => a - b);
  const mark = chosen();
  mark.setAttribute("x", `${(100 * from) / all.length}%`);
  mark.setAttribute("width", `${(100 * (to - from + 1)) / all.length}%`);
  mark.removeAttribute("hidden");
}

function forget() {
  anchor = head = null;
  isDragging = false;
  chosen()?.setAttribute("hidden", "");
}

function barAt(histogram, x) {
  const all = bars(histogram.parentElement);
  const box = histogram.getBoundingClientRect();
  const place = Math.floor((all.length * (x - box.left)) / box.width);
  return all[Math.min(Math.max(place, 0), all.length - 1)];
}

document.addEventListener("pointerdown", (event) => {
  const histogram = event.target.closest?.("[data-histogram]");
  if (!histogram || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  anchor = head = barAt(histogram, event.clientX);
  isDragging = true;
});

document.addEventListener("pointermove", (event) => {
  const histogram = isDragging && anchor?.closest("[data-histogram]");
  if (!histogram) return;
  const bar = barAt(histogram, event.clientX);
  if (bar !== head) choose(bar);
});

document.addEventListener("pointerup", () => {
  if (!isDragging) return;
  if (anchor !== head) goToChoice();
  else forget();
});

document.addEventListener("pointercancel", forget);

// A link in an SVG can be dragged away like any other.
document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("[data-histogram]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const bar = event.target.closest?.("[data-histogram] .bar");
  if (!bar || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  wasKeyboard = event.detail === 0;
  if (anchor) goToChoice();
  else go(bar, bar);
});

// --- Keyboard -----------------------------------------------------------------------------------

// Of all bars one is in the order of the tab key; the arrows lead to the others.
function rove(bar) {
  for (const other of bars()) other.setAttribute("tabindex", other === bar ? "0" : "-1");
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

document.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.("[data-histogram] .bar");
  if (!bar || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") forget();
  if (!(event.key in STEPS)) return;
  event.preventDefault();
  const all = bars();
  const place = Math.min(Math.max(all.indexOf(bar) + STEPS[event.key], 0), all.length - 1);
  if (!event.shiftKey) forget();
  else anchor ??= bar;
  rove(all[place]);
  all[place].focus();
  if (anchor) choose(all[place]);
});

// --- Loading ------------------------------------------------------------------------------------

const open = new Map();
const isOverview = (detail) => detail.target?.id === "overview";

// Counts that arrive while the next search is under way would replace the very link that asks for
// it, and htmx no longer know what its answer is for.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isUnderWay = document.getElementById("results")?.classList.contains("htmx-request");
  if (isOverview(detail) && isUnderWay) detail.shouldSwap = false;
});

// Counts of a search that was left in the meantime would come into the next one.
document.addEventListener("htmx:beforeSend", ({ detail }) => {
  if (!isOverview(detail)) return;
  detail.elt.addEventListener("htmx:beforeOnLoad", (event) => {
    if (!event.target.isConnected) event.preventDefault();
  });
});

// The table is there; without the counts it stays as it is.
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(
    failure,
    (event) => {
      if (isOverview(event.detail)) event.stopImmediatePropagation();
    },
    { capture: true },
  );
}

document.addEventListener("toggle", ({ target }) => open.set(target.id, target.open), {
  capture: true,
});

// A list without the value that has the focus would lose it.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { id } = document.activeElement;
  const isInside = id && detail.target.contains(document.activeElement);
  if (isInside && !detail.fragment.querySelector(`#${CSS.escape(id)}`)) detail.shouldSwap = false;
});

document.addEventListener("htmx:oobAfterSwap", ({ detail }) => {
  if (detail.target?.id !== "details-keys") return;
  for (const facet of detail.target.querySelectorAll("details")) {
    facet.open = open.get(facet.id) ?? facet.open;
  }
});

function ready() {
  const all = bars();
  if (!all.length) return;
  forget();
  rove(all[0]);
  const isNowhere = [document.body, document.getElementById("main")].includes(document.activeElement);
  if (wasKeyboard && isNowhere) all[0].focus({ preventScroll: true });
  wasKeyboard = false;
}

ready();
document.addEventListener("htmx:afterSwap", ({ detail }) => isOverview(detail) && ready());
document.addEventListener("htmx:historyRestore", ready);
