// The event panel: one view or the other, selecting one side, and what a changed line offers.
// Everything listens on the document, for panels come and go with htmx.

const COOKIE_AGE = 365 * 24 * 3600; // seconds

// --- Unified or side by side ----------------------------------------------------------------

function show(view) {
  document.cookie = `diff_view=${view}; path=/; max-age=${COOKIE_AGE}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  for (const panel of document.querySelectorAll(".panel")) panel.dataset.view = view;
  const url = new URL(location);
  if (url.searchParams.has("view")) {
    url.searchParams.set("view", view);
    history.replaceState(history.state, "", url);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-set-view]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    show(link.dataset.setView);
    link.parentElement.querySelector(`[data-set-view]:not([data-set-view="${link.dataset.setView}"])`)?.focus();
  }
});

// --- Selecting one side ---------------------------------------------------------------------

// Text is selected in the order of the document, row by row; so the side where a selection
// begins is the only one that can be selected, and the only one that is copied.
document.addEventListener("pointerdown", (event) => {
  const table = event.target.closest?.(".diff");
  if (!table || event.button) return;
  const side = event.target.closest("[data-side]")?.dataset.side;
  if (side) table.dataset.selecting = side;
  else delete table.dataset.selecting;
});

document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return;
  const cell = closest(selection.anchorNode, ".diff [data-side]");
  if (!cell) return;
  const table = cell.closest(".diff");
  const range = selection.getRangeAt(0);
  event.clipboardData.setData("text/plain", linesOf(table, cell.dataset.side, range).join("\n"));
  event.preventDefault();
});

function closest(node, selector) {
  return (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest(selector);
}

// The text of the cells in a range, each as far as it reaches.
function linesOf(table, side, range) {
  const lines = [];
  for (const cell of table.querySelectorAll(`[data-side="${side}"]`)) {
    if (!range.intersectsNode(cell)) continue;
    const part = document.createRange();
    part.selectNodeContents(cell);
    if (part.compareBoundaryPoints(Range.START_TO_START, range) < 0) part.setStart(range.startContainer, range.startOffset);
    if (part.compareBoundaryPoints(Range.END_TO_END, range) > 0) part.setEnd(range.endContainer, range.endOffset);
    lines.push(part.toString());
  }
  return lines;
}

// --- What a changed line offers -------------------------------------------------------------

// One button and one menu serve all lines. The button stands in the number of the line that is
// pointed at; for the keyboard it waits at the first, and arrow keys take it along.
const button = document.createElement("button");
button.type = "button";
button.className = "line-button";
button.setAttribute("aria-haspopup", "true");
button.textContent = "⋯";

const menu = document.createElement("div");
menu.className = "line-menu";
menu.popover = "auto";
menu.setAttribute("role", "group");

function place(number) {
  if (button.parentElement === number) return;
  const focused = document.activeElement === button;
  number.append(button);
  button.ariaLabel = `Copy from line ${number.firstChild.data}, ${number.dataset.pointer || "the whole document"}`;
  if (focused) button.focus();
}

function placeAtFirst(root) {
  const number = [...root.querySelectorAll(".ln[data-pointer]")].find((each) => each.checkVisibility());
  if (number && !button.isConnected) place(number);
}

document.addEventListener("pointerover", (event) => {
  const row = event.target.closest?.(".diff tr");
  if (!row || document.activeElement === button || menu.matches(":popover-open")) return;
  const cell = event.target.closest("td");
  const number = cell?.matches(".ln") ? cell : cell?.previousElementSibling;
  if (number?.matches(".ln[data-pointer]")) place(number);
});

document.addEventListener("click", (event) => {
  const number = event.target.closest?.(".diff .ln[data-pointer]");
  if (!number) return;
  place(number);
  offer(number);
});

button.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  const numbers = [...button.closest(".diff").querySelectorAll(".ln[data-pointer]")].filter((each) => each.checkVisibility());
  const next = numbers[numbers.indexOf(button.parentElement) + step];
  if (!next) return;
  place(next);
  button.focus();
  next.scrollIntoView({ block: "nearest" });
});

function offer(number) {
  const table = number.closest(".diff");
  const side = number.nextElementSibling.dataset.side;
  const pointer = JSON.parse(`"${number.dataset.pointer}"`);
  const url = `${table.dataset[side]}?pointer=${encodeURIComponent(pointer.toWellFormed())}`;
  const path = document.createElement("code");
  path.textContent = number.dataset.pointer || "(the whole document)";
  menu.ariaLabel = `Line ${number.firstChild.data} ${side}`;
  menu.replaceChildren(
    path,
    item("button", "Copy JSON Pointer", { copy: pointer }),
    item("button", "Copy value", { copyFrom: url }),
    item("a", "Open value", {}, url),
  );
  document.body.append(menu);
  menu.showPopover({ source: button });
  const at = number.getBoundingClientRect();
  const below = at.bottom + menu.offsetHeight < innerHeight;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${below ? at.bottom : Math.max(8, at.top - menu.offsetHeight)}px`;
  menu.querySelector("button").focus({ preventScroll: true });
}

function item(tag, text, data, href) {
  const element = document.createElement(tag);
  element.className = "menu-item";
  element.textContent = text;
  Object.assign(element.dataset, data);
  if (href) element.href = href;
  else element.type = "button";
  return element;
}

menu.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...menu.querySelectorAll(".menu-item")];
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
});
menu.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && menu.contains(document.activeElement)) button.focus();
});
addEventListener("scroll", () => menu.matches(":popover-open") && menu.hidePopover(), { passive: true });

// --- Unfolding ------------------------------------------------------------------------------

// The focus goes on where the link was: to the first of the lines that took its place.
document.addEventListener("htmx:beforeSwap", (event) => {
  const fold = event.detail.target.closest?.("tr.fold");
  if (!fold) return;
  const above = fold.previousElementSibling;
  const parent = fold.parentElement;
  const focused = fold.contains(document.activeElement);
  document.addEventListener("htmx:afterSwap", () => {
    const first = above ? above.nextElementSibling : parent.firstElementChild;
    document.getElementById("announcer").textContent = "Unfolded";
    if (!focused || !first) return;
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }, { once: true });
});

document.addEventListener("htmx:load", (event) => placeAtFirst(event.detail.elt));
placeAtFirst(document);
