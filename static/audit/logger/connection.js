// Sends events in batches until they are acknowledged, and once more as the page closes.
import { Rules } from "./rules.js";
import { Store } from "./store.js";

const BATCH = 50; // events
const BATCH_BYTES = 48 * 1024; // below the 64 KiB that may be under way when a page closes
const CLOSING_BYTES = 60 * 1024;
const WAIT_MS = 2_000; // for others to share the call
const MOST_WAITING = 2_000; // events in memory
const MOST_BYTES = 1_048_576; // of one event; the server takes as much of a snapshot
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 5 * 60_000;
const TIMEOUT_MS = 30_000;
const RENEWED_BEFORE_MS = 30_000;

const encoder = new TextEncoder();
const sizeOf = (text) => encoder.encode(text).length;

export class Connection {
  // url: the organisation's address, https://audit.example.com/acme
  // token: a token for this page, or tokenFrom: a function that gets one, again when it ends;
  //   { token, expires_at } as the server made it, or its text
  // session: true on a page of the very site, for whoever is signed in; csrfToken with it
  // actor: the id of who uses the page; with it, events outlive the page
  constructor({ url, token, tokenFrom, session = false, csrfToken, actor }) {
    const organization = String(url).replace(/\/$/, "");
    this.url = `${organization}/api/browser-events`;
    this.rules = new Rules(organization);
    this.tokenFrom = tokenFrom;
    this.made = token ? { text: token, endsAt: Infinity } : null;
    this.session = session;
    this.credentials = session ? "same-origin" : "omit";
    this.csrfToken = csrfToken;
    this.actor = actor;
    this.store = new Store(this.url, actor);
    this.dropped = this.store.expire();
    this.waiting = new Map(); // id → event as JSON, oldest first
    this.flying = new Map(); // ids → bytes of what is under way
    this.notBefore = 0;
    this.failures = 0;
    this.controller = new AbortController();
    this.listen();
    this.adopt();
  }

  listen() {
    const on = (target, name, heard) =>
      target.addEventListener(name, heard, { signal: this.controller.signal });
    // On a phone a page that is hidden may never be shown again, nor told that it ends.
    on(document, "visibilitychange", () => document.hidden && this.sendLast());
    on(window, "pagehide", () => this.sendLast());
    on(window, "online", () => {
      this.failures = this.notBefore = 0;
      this.adopt();
    });
  }

  // For another connection to take its place.
  close() {
    this.sendLast();
    clearTimeout(this.timer);
    this.controller.abort();
  }

  add(event) {
    if (this.rules.keepOut(event)) return;
    const claimed = this.actor ? { ...event, actor: { kind: "user", id: this.actor } } : event;
    const json = JSON.stringify(claimed);
    if (sizeOf(json) > MOST_BYTES) {
      this.drop(1, "An event has more than a megabyte.");
      return;
    }
    this.waiting.set(event.id, json);
    this.store.put(event.id, json);
    if (this.waiting.size > MOST_WAITING) {
      this.settle([this.waiting.entries().next().value]);
      this.drop(1, "Too many events are waiting.");
    }
    if (!this.made) this.token().catch(() => {}); // at once: a page that closes can't ask for it
    if (this.waiting.size % BATCH === 0) this.flush();
    else this.later(WAIT_MS);
  }

  // What earlier pages left behind. One tab does it: ids would keep it from being recorded twice,
  // but not from being sent twice.
  adopt() {
    const take = async (lock) => {
      if (lock === null) return;
      for (const [id, json] of this.store.all()) this.waiting.set(id, json);
      await this.flush();
    };
    if (!this.store.prefix || !navigator.locks) return take();
    return navigator.locks.request(this.store.prefix, { ifAvailable: true }, take);
  }

  // --- Sending ---------------------------------------------------------------------------------

  later(delay) {
    if (this.timer || this.controller.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.flush();
    }, delay);
  }

  // One after the other, until nothing waits or a call fails.
  flush() {
    this.flushing ??= this.sendAll().finally(() => (this.flushing = null));
    return this.flushing;
  }

  async sendAll() {
    while (Date.now() >= this.notBefore && navigator.onLine) {
      const batch = this.next(BATCH_BYTES);
      if (!batch.length || !(await this.send(batch))) break;
    }
    if (this.next(BATCH_BYTES).length) this.later(Math.max(this.notBefore - Date.now(), WAIT_MS));
  }

  // The oldest that are not under way, as many as fit; one that is too large goes by itself.
  next(room) {
    const batch = [];
    for (const [id, json] of this.waiting) {
      if (this.flying.has(id)) continue;
      room -= sizeOf(json) + 1;
      if (batch.length === BATCH || (batch.length && room < 0)) break;
      batch.push([id, json]);
    }
    return batch;
  }

  // Whether to go on.
  async send(batch) {
    try {
      let response = await this.posted(batch);
      if (response.status === 401 && this.tokenFrom) {
        this.made = null; // it ended earlier than we thought
        response = await this.posted(batch);
      }
      return await this.answered(batch, response);
    } catch {
      return this.failed(0); // no network, or no token
    }
  }

  async posted(batch) {
    const token = this.session ? null : await this.token();
    const shown = token ? { Authorization: `Bearer ${token}` } : {};
    this.rules.refresh(shown, this.credentials); // for the next events; these don't wait for it
    const headers = { "Content-Type": "application/json", ...shown };
    return this.post(batch, `[${batch.map(([, json]) => json)}]`, headers);
  }

  async post(batch, body, headers) {
    const size = sizeOf(body);
    if (this.session) headers["X-CSRFToken"] = this.csrfToken ?? csrfTokenOfPage();
    for (const [id, json] of batch) this.flying.set(id, json.length);
    try {
      return await fetch(this.url, {
        method: "POST",
        body,
        headers,
        credentials: this.credentials,
        keepalive: size <= CLOSING_BYTES, // goes on when the page has gone
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } finally {
      for (const [id] of batch) this.flying.delete(id);
    }
  }

  // The last call of a page can't wait: for a preflight, so its token is in a body that needs
  // none; for a new token; for an answer, so what is kept stays kept and may come twice.
  sendLast() {
    const underWay = [...this.flying.values()].reduce((sum, size) => sum + size, 0);
    const batch = this.next(CLOSING_BYTES - underWay - 2_000);
    const room = CLOSING_BYTES - underWay;
    const events = `[${batch.map(([, json]) => json)}]`;
    if (!batch.length || sizeOf(events) > room || !(this.session || this.made)) return;
    if (this.session) {
      const headers = { "Content-Type": "application/json" };
      this.post(batch, events, headers).then((r) => this.answered(batch, r), () => {});
      return;
    }
    const body = `{"token":${JSON.stringify(this.made.text)},"events":${events}}`;
    if (!("keepalive" in Request.prototype)) navigator.sendBeacon(this.url, body);
    else {
      const headers = { "Content-Type": "text/plain" };
      this.post(batch, body, headers).then((r) => this.answered(batch, r), () => {});
    }
  }

  async token() {
    const isGood = this.made && Date.now() < this.made.endsAt - RENEWED_BEFORE_MS;
    if (this.tokenFrom && !isGood) {
      this.asking ??= this.renew().finally(() => (this.asking = null));
      await this.asking;
    }
    return this.made?.text;
  }

  async renew() {
    const made = await this.tokenFrom();
    const { token, expires_at } = typeof made === "string" ? { token: made } : made;
    this.made = { text: token, endsAt: expires_at ? Date.parse(expires_at) : Infinity };
  }

  // --- Answers ---------------------------------------------------------------------------------

  async answered(batch, response) {
    const { status } = response;
    if ([201, 207, 422].includes(status)) {
      const { rejected = [] } = await response.json();
      this.settle(batch);
      const places = new Set(rejected.map(({ index }) => index));
      if (places.size) this.drop(places.size, `${rejected[0].field} ${rejected[0].reason}`.trim());
      this.failures = 0;
      return true;
    }
    if ([400, 413, 415].includes(status)) {
      this.settle(batch);
      this.drop(batch.length, await explanation(response));
      return true;
    }
    if (status < 500 && status !== 429) this.warn(await explanation(response));
    return this.failed(Number(response.headers.get("Retry-After")) * 1_000 || 0);
  }

  settle(batch) {
    for (const [id, json] of batch) {
      this.waiting.delete(id);
      this.store.remove(id, json);
    }
  }

  // Twice as long each time, and never all pages at once.
  failed(wait) {
    const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    this.notBefore = Date.now() + Math.max(wait, delay * (0.5 + Math.random() / 2));
    return false;
  }

  drop(count, reason) {
    this.dropped += count;
    this.warn(reason);
  }

  warn(reason) {
    if (this.warned === reason) return;
    this.warned = reason;
    console.warn(`The audit logger: ${reason}`);
  }
}

const explanation = (response) =>
  response.json().then(({ detail }) => detail, () => `The server answered with ${response.status}.`);

// On pages of Django; its cookie is not for scripts.
const csrfTokenOfPage = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
