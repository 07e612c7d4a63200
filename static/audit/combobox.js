// The search box offers what may come next: an editable combobox with a list (ARIA 1.2). The server
// knows the grammar and says what the query would be with each option; here are only the keys.
const PAUSE_MS = 120;

const box = () => document.querySelector("input[data-completions]");
const list = () => box().form.querySelector(".completions");
const options = () => [...list().querySelectorAll("[role=option]")];
const chosen = () => list().querySelector("[aria-selected=true]");
const isOpen = () => !list().hidden;

function ready() {
  box()?.setAttribute("role", "combobox");
  box()?.setAttribute("aria-autocomplete", "list");
  box()?.setAttribute("aria-expanded", "false");
}

// --- Asking ------------------------------------------------------------------------------------

let asking = new AbortController();
let pause;
let shownFor = ""; // the text, and the place in it, that the list is for

const place = () => `${box().selectionStart} ${box().selectionEnd} ${box().value}`;
// The grammar counts characters, a field of the browser UTF-16 units.
const characters = (text) => [...text].length;
const units = (text, count) => [...text].slice(0, count).join("").length;

function stop() {
  clearTimeout(pause);
  asking.abort();
  asking = new AbortController();
}

function askSoon() {
  stop();
  pause = setTimeout(() => ask(), PAUSE_MS);
}

async function ask({ isChoosing = false } = {}) {
  stop();
  const input = box();
  const { signal } = asking;
  const asked = place();
  const query = new URLSearchParams(new FormData(input.form));
  query.set("at", characters(input.value.slice(0, input.selectionStart)));
  try {
    const answer = await fetch(`${input.dataset.completions}?${query}`, { signal, redirect: "error" });
    const html = answer.ok ? await answer.text() : "";
    if (!signal.aborted) show(html, asked);
    if (isChoosing && !signal.aborted) select(options().at(0));
  } catch {
    if (!signal.aborted) close(); // no connection, or no session any more: it is only an aid
  }
}

// --- Open and closed ---------------------------------------------------------------------------

function show(html, asked) {
  list().innerHTML = html;
  const count = options().length;
  if (!count || document.activeElement !== box()) return close();
  shownFor = asked;
  list().hidden = false;
  box().setAttribute("aria-expanded", "true");
  box().setAttribute("aria-controls", list().querySelector("[role=listbox]").id);
  box().removeAttribute("aria-activedescendant");
  document.getElementById("announcer").textContent = `${count} completion${count > 1 ? "s" : ""}`;
}

function close() {
  stop();
  list().hidden = true;
  list().replaceChildren();
  box().setAttribute("aria-expanded", "false");
  for (const name of ["aria-controls", "aria-activedescendant"]) box().removeAttribute(name);
}

function select(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box().setAttribute("aria-activedescendant", option.id);
  else box().removeAttribute("aria-activedescendant");
}

// Written as if it were typed, which the browser can undo. The command is deprecated, but nothing
// else writes into the history of a field.
function write(text) {
  box().select();
  if (!document.execCommand("insertText", false, text)) box().value = text;
}

function take(option) {
  const { text, cursor } = option.dataset;
  const at = units(text, Number(cursor));
  write(text);
  box().setSelectionRange(at, at);
  close();
  ask(); // for what may follow: after a field come its values
}

// What was suggested instead of the query that is still in the box.
function correct() {
  const { value, defaultValue, dataset } = box();
  if (!dataset.instead || value !== defaultValue) return false;
  write(dataset.instead);
  close();
  return true;
}

// --- Keys and pointers -------------------------------------------------------------------------

// Beyond the last option comes none, where Enter searches for what is in the box.
function move(step) {
  const all = [null, ...options()];
  select(all.at((all.indexOf(chosen()) + step) % all.length));
}

const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Home: () => chosen() && select(options().at(0)),
  End: () => chosen() && select(options().at(-1)),
  Enter: () => chosen() && take(chosen()),
  Tab: () => chosen() && take(chosen()),
  Escape: () => (isOpen() ? close() : document.getElementById("main").focus({ preventScroll: true })),
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (target !== box() || event.isComposing || !Object.hasOwn(KEYS, key)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const isUseful = key === "Escape" || (isOpen() && shownFor === place());
  if (key === "ArrowDown" && !isUseful) correct() || ask({ isChoosing: isOpen() }); // of what is typed by now
  else if (!isUseful || (!chosen() && !/^(Arrow|Escape)/.test(key))) return;
  else KEYS[key]();
  event.preventDefault();
});

document.addEventListener("input", (event) => {
  if (event.target === box() && !event.isComposing) askSoon();
});
document.addEventListener("compositionend", ({ target }) => target === box() && askSoon());
document.addEventListener("selectionchange", () => {
  if (document.activeElement !== box() || !isOpen()) return;
  if (shownFor === place()) stop();
  else askSoon();
});

// The focus stays in the box, whatever is pressed in the list.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest?.(".completions")) event.preventDefault();
});
document.addEventListener("click", ({ target }) => {
  const option = target.closest?.(".completions [role=option]");
  if (option) take(option);
});
document.addEventListener("focusout", ({ target }) => target === box() && close());
document.addEventListener("submit", ({ target }) => target === box()?.form && close());

// --- Around a swap -----------------------------------------------------------------------------

// What is typed while the results are under way stays.
let sent;
let typed;

document.addEventListener("htmx:beforeRequest", () => (sent = box()?.value));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "results") return;
  const input = box();
  const isTyping = input && document.activeElement === input && input.value !== sent;
  typed = isTyping ? [input.value, input.selectionStart, input.selectionEnd] : undefined;
  if (input) close();
});
document.addEventListener("htmx:afterSwap", () => {
  ready();
  if (!typed || !box()) return;
  const [value, start, end] = typed;
  typed = undefined;
  box().value = value;
  box().setSelectionRange(start, end);
  askSoon();
});
document.addEventListener("htmx:historyRestore", ready);
ready();
