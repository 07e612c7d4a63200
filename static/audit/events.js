// The list of events: rows open in place, Alt-click filters out, and what was open stays so.
const results = () => document.getElementById("results");
const showLinks = () => results().querySelectorAll("a[data-panel]");

// --- Show and hide -----------------------------------------------------------------------------

function address(change) {
  const url = new URL(location.href);
  change(url.searchParams);
  url.hash = "";
  return url.href.replace(/%(3A|2F|40|2C)/g, decodeURIComponent);
}

// Marks the entry as one that htmx restores; those it did not push itself lack the mark.
history.replaceState({ ...history.state, htmx: true }, "");

function remember(id) {
  const href = address((query) => (id ? query.set("open", id) : query.delete("open")));
  if (href !== location.href) history.pushState({ htmx: true }, "", href);
}

function setOpen(link, isOpen) {
  const row = link.closest("tr");
  row.classList.toggle("open", isOpen);
  row.nextElementSibling.hidden = !isOpen;
  link.setAttribute("aria-expanded", String(isOpen));
}

function hide(link) {
  setOpen(link, false);
  document.getElementById(link.dataset.panel).replaceChildren();
}

// What is above may shrink; the row that was asked for stays where it is.
function keepingPlace(link, change) {
  const before = link.getBoundingClientRect().top;
  change();
  scrollBy({ top: link.getBoundingClientRect().top - before, behavior: "instant" });
}

function hideOthers(link) {
  for (const other of showLinks()) {
    if (other !== link && other.getAttribute("aria-expanded") === "true") hide(other);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#results a[data-panel]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  if (link.getAttribute("aria-expanded") === "true") {
    hide(link);
    remember("");
  } else {
    htmx.trigger(link, "show");
  }
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const link = results()?.querySelector(`a[data-panel="${detail.target?.id}"]`);
  if (!link) return;
  keepingPlace(link, () => {
    hideOthers(link);
    setOpen(link, true);
  });
  remember(link.closest("tr").dataset.eventId);
});

// Going back to what differs only in the open row needs no new page.
const listed = () => address((query) => query.delete("open"));
let shown = listed();

document.addEventListener("htmx:historyCacheMiss", (event) => {
  if (!results() || listed() !== shown) return;
  const id = new URL(location.href).searchParams.get("open");
  const link = id && document.getElementById(`show-${id}`);
  if (id && !link) return;
  event.preventDefault();
  if (link) htmx.trigger(link, "show");
  else hideOthers(null);
});

// --- Refine ------------------------------------------------------------------------------------

function excluding(link) {
  const param = link.dataset.facet ?? "tag";
  const value = link.dataset.value ?? link.dataset.tag;
  return address((query) => {
    for (const place of ["cursor", "newer", "open"]) query.delete(place);
    query.delete(param, value);
    query.delete(param, `-${value}`);
    query.append(param, `-${value}`);
  });
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.altKey && event.target.closest?.("a:is([data-facet], [data-tag])");
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const url = excluding(link);
    htmx.ajax("GET", url, { source: "#log", target: "#results", swap: "outerHTML", push: url });
  },
  { capture: true },
);

// Fields left empty are no part of the address.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.matches("form")) return;
  for (const [name, value] of [...detail.formData.entries()]) {
    if (value === "") detail.formData.delete(name);
  }
});

// --- Around a swap -----------------------------------------------------------------------------

let facets = new Map();

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target?.id !== "results") return;
  const all = detail.target.querySelectorAll("details.facet");
  facets = new Map([...all].map((facet) => [facet.id, facet.open]));
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "results") return;
  for (const [id, isOpen] of facets) {
    const facet = document.getElementById(id);
    if (facet) facet.open = isOpen || facet.querySelector("[data-state]") !== null;
  }
  const head = results().getBoundingClientRect();
  const isPaging = detail.requestConfig.elt?.dataset?.page;
  if (isPaging || head.bottom < 0) results().scrollIntoView();
  if (document.activeElement === document.body) {
    document.getElementById("main").focus({ preventScroll: true });
  }
});

for (const moment of ["htmx:pushedIntoHistory", "htmx:historyRestore"]) {
  document.addEventListener(moment, () => (shown = listed()));
}

// What htmx can't show, the browser does: a page of its own says what is wrong.
document.addEventListener("htmx:responseError", ({ detail }) => {
  location.assign(detail.pathInfo.finalRequestPath);
});

document.addEventListener("htmx:sendError", () => {
  document.getElementById("announcer").textContent = "There is no connection. Try again.";
});
