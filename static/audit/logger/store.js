// What has not been acknowledged yet, kept beyond the page.
//
// In localStorage rather than IndexedDB, for a page that is closing waits for no promise. Each
// event has a key of its own, so that tabs share the store without reading what they write.

const MOST_CHARACTERS = 1_000_000; // of the 5 million that an origin has; the page needs some too
const KEPT_MS = 7 * 24 * 3_600_000; // what is older, the server refuses

export class Store {
  // Kept apart by `owner`: what one person did is never sent in the name of the next one who signs
  // in on the same machine. Without an owner nothing is kept.
  constructor(url, owner) {
    this.prefix = owner ? `auditsite ${url} ${owner} ` : null;
    this.size = this.all().reduce((size, [, json]) => size + json.length, 0);
  }

  // Whether it is kept.
  put(id, json) {
    if (!this.prefix || this.size + json.length > MOST_CHARACTERS) return false;
    try {
      localStorage.setItem(this.prefix + id, json);
    } catch {
      return false; // full, or forbidden
    }
    this.size += json.length;
    return true;
  }

  remove(id, json) {
    if (!this.prefix) return;
    try {
      localStorage.removeItem(this.prefix + id);
      this.size = Math.max(0, this.size - json.length);
    } catch {
      // forbidden, so it was never there
    }
  }

  // Ids and events, oldest first.
  all() {
    if (!this.prefix) return [];
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.prefix))
        .sort()
        .map((key) => [key.slice(this.prefix.length), localStorage.getItem(key)])
        .filter(([, json]) => json !== null);
    } catch {
      return [];
    }
  }

  // Removes what is too old to be sent. How many it was.
  expire() {
    const limit = (Date.now() - KEPT_MS).toString(16).padStart(12, "0");
    const late = this.all().filter(([id]) => id.replace("-", "").slice(0, 12) < limit);
    for (const [id, json] of late) this.remove(id, json);
    return late.length;
  }
}
