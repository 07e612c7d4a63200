// The list as it grows: new rows come in on top, unless that would move what is being read.
const TICK_MS = 1_500; // with the answer, less than two seconds
const LONGEST_PAUSE_MS = 30_000;
const TIMEOUT_MS = 10_000;
const AIMING_MS = 1_000; // a pointer that moved so lately is about to click
const SAYING_MS = 10_000; // screen readers hear of new events this often at most
const MOST_WAITING = 200;
const MOST_ROWS = 300;

const table = () => document.querySelector("#results .events > table");
const listed = () => [...document.querySelectorAll("#results tr.event")];

// --- Whether somebody reads --------------------------------------------------------------------

let isPressing = false;
let aimedAt = -Infinity;

document.addEventListener("pointerdown", () => (isPressing = true));
for (const end of ["pointerup", "pointercancel", "dragend"]) {
  document.addEventListener(end, () => (isPressing = false));
}
document.addEventListener("pointermove", ({ target }) => {
  if (table()?.contains(target)) aimedAt = performance.now();
});

function isBeingRead() {
  const rows = table();
  const selection = getSelection();
  return (
    scrollY >= 1 ||
    isPressing ||
    performance.now() - aimedAt < AIMING_MS ||
    rows.contains(document.activeElement) ||
    rows.querySelector("tr.event.open, details[open]") !== null ||
    (!selection.isCollapsed && rows.contains(selection.anchorNode))
  );
}

// --- Rows --------------------------------------------------------------------------------------

// Each event is two rows: what it says, and the room to show it in.
function rowsOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.querySelectorAll("tr.event")].map((row) => [
    row,
    row.nextElementSibling,
  ]);
}

const idOf = ([row]) => row.dataset.eventId;

// Ids are in the order of time. What is older than all of a full page is on the next one.
function insert(pair) {
  const next = listed().find((row) => row.dataset.eventId < idOf(pair));
  if (!next && document.getElementById("older")) return;
  pair[0].classList.add("arrived");
  if (next) next.before(...pair);
  else table().tBodies[0].append(...pair);
  for (const row of pair) htmx.process(row);
}

// --- Following ---------------------------------------------------------------------------------

class Tail {
  constructor(element) {
    this.element = element;
    this.position = element.dataset.position;
    this.waiting = [];
    this.failures = 0;
    this.unsaid = 0;
    this.saidAt = -Infinity;
    this.controller = new AbortController();
    this.wait();
  }

  stop() {
    clearTimeout(this.timer);
    this.controller.abort();
  }

  wait() {
    const pause = Math.min(TICK_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    // Not all at once, when a server is back.
    const jitter = this.failures ? 0.5 + Math.random() / 2 : 1;
    this.timer = setTimeout(() => this.look(), pause * jitter);
  }

  lookNow() {
    if (this.isLooking || this.controller.signal.aborted) return;
    clearTimeout(this.timer);
    this.look();
  }

  // Out of sight nothing is asked; lookNow goes on from the same position.
  async look() {
    if (document.hidden) return;
    this.isLooking = true;
    try {
      await this.hear(await this.ask());
      this.failures = 0;
    } catch {
      this.failures += 1;
    }
    this.isLooking = false;
    if (this.controller.signal.aborted) return;
    this.settle();
    this.wait();
  }

  ask() {
    const url = new URL(this.element.dataset.tail, location.href);
    url.searchParams.set("after", this.position);
    const signal = AbortSignal.any([this.controller.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    return fetch(url, { signal, redirect: "manual", cache: "no-store" });
  }

  async hear(response) {
    if (response.type === "opaqueredirect" || response.status === 401) this.signedOut();
    else if (response.status === 410) this.fallBehind();
    else if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      this.end("Live has ended: this log can no longer be read so.");
    } else if (!response.ok) throw new Error(`${response.status}`);
    else {
      const pairs = response.status === 200 ? rowsOf(await response.text()) : [];
      this.position = response.headers.get("Log-Position");
      this.take(pairs);
    }
  }

  take(pairs) {
    const known = new Set([...listed().map((row) => row.dataset.eventId), ...this.waiting.map(idOf)]);
    const arrived = pairs.filter((pair) => !known.has(idOf(pair)));
    this.waiting.push(...arrived);
    this.unsaid += arrived.length;
    if (this.waiting.length > MOST_WAITING) this.fallBehind();
  }

  // --- What is shown ---

  settle() {
    if (this.waiting.length && !table()) this.reload();
    else if (this.waiting.length && !isBeingRead()) this.show();
    const news = document.getElementById("news");
    if (news) {
      news.hidden = !this.waiting.length;
      news.textContent = `${this.waiting.length} new`;
    }
    if (this.failures) this.say("lost", "Reconnecting…");
    else if (this.waiting.length) this.say("holding", "Paused while you read");
    else this.say("following", "");
    this.announce();
  }

  show() {
    for (const pair of this.waiting) insert(pair);
    this.waiting = [];
    const count = listed().length;
    if (count > MOST_ROWS) this.reload();
    const told = document.getElementById("listed");
    if (told) told.textContent = `${count} event${count === 1 ? "" : "s"}, newest first`;
  }

  reload() {
    const url = this.element.dataset.list;
    htmx.ajax("GET", url, { source: "#log", target: "#results", swap: "outerHTML" });
  }

  fallBehind() {
    this.stop();
    this.waiting = [];
    if (!table()) return this.reload();
    document.getElementById("news").hidden = true;
    document.getElementById("reload").hidden = false;
    this.say("holding", "");
    this.announce("More than 200 new events. Reload to see them.");
  }

  signedOut() {
    this.end("Signed out.");
    const link = document.createElement("a");
    link.className = "link";
    link.href = location.href; // which asks for the sign-in, and leads back
    link.setAttribute("hx-boost", "false");
    link.textContent = "Sign in";
    this.element.append(" ", link);
  }

  end(why) {
    this.stop();
    this.say("ended", why);
    this.announce(why);
  }

  say(state, text) {
    if (this.element.dataset.state === state) return;
    this.element.dataset.state = state;
    this.element.textContent = text;
  }

  announce(text = "") {
    if (!text && (!this.unsaid || performance.now() - this.saidAt < SAYING_MS)) return;
    const news = `${this.unsaid} new event${this.unsaid === 1 ? "" : "s"}`;
    document.getElementById("announcer").textContent = text || news;
    this.unsaid = 0;
    this.saidAt = performance.now();
  }
}

let tail = null;

function follow() {
  const element = document.querySelector("[data-tail]");
  if (element === (tail?.element ?? null)) return;
  tail?.stop();
  tail = element && new Tail(element);
}

follow();
for (const event of ["htmx:afterSwap", "htmx:historyRestore"]) document.addEventListener(event, follow);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tail?.lookNow();
});
addEventListener("online", () => tail?.lookNow());

document.addEventListener("click", ({ target }) => {
  if (!tail || !target.closest?.("#news")) return;
  tail.show();
  tail.settle();
  scrollTo({ top: 0 });
  document.getElementById("main").focus({ preventScroll: true });
});
