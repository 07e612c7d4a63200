// What the organisation's admins have switched off, which need not be sent. docs/http.md tells how
// rules read. The server goes by them anyway, so without an answer everything is sent.

const ASKED_EVERY_MS = 60_000;
const TIMEOUT_MS = 10_000;

export class Rules {
  constructor(url) {
    this.url = `${url}/api/browser-event-rules`;
    this.rules = [];
    this.askedAt = -Infinity;
  }

  // The browser's own cache knows the answer's ETag, and asks whether it has changed.
  async refresh(headers, credentials) {
    if (Date.now() < this.askedAt + ASKED_EVERY_MS) return;
    this.askedAt = Date.now();
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(this.url, { headers, credentials, signal });
      if (response.ok) this.rules = (await response.json()).rules;
    } catch {
      // the last ones hold
    }
  }

  keepOut(event) {
    return this.rules.some((rule) => holds(rule, event));
  }
}

function holds({ types, except_types, level, expires_at }, { event_type, details }) {
  return (
    (types?.some((type) => isOf(type, event_type)) ?? true) &&
    !except_types.includes(event_type) &&
    (level ?? details.level) === details.level &&
    !(expires_at && Date.parse(expires_at) <= Date.now())
  );
}

const isOf = (type, slug) => (type.endsWith("*") ? slug.startsWith(type.slice(0, -1)) : slug === type);
