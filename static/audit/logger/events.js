// From a record of the logger to an event as docs/events.md has it. The server cuts nothing and
// refuses what is too long, so what does not fit a field goes into the snapshot as a whole.
import { translated } from "./errors.js";

const MOST_DETAILS = 60; // of 64: level, stackTrace, params and the server's own have room
const MOST_KEY = 128;
const MOST_TEXT = 2_048; // of a summary, of a detail's value
const MOST_NAME = 512;
const CHANGES = ["created", "updated", "deleted", "other"];
const OUTCOMES = ["success", "failure", "denied"];

// `frames` are those of record.stackTrace.
export function asEvent({ level, message, params, type, stackTrace }, frames) {
  const now = Date.now();
  const summary = clean(message);
  const trace = translated(stackTrace);
  const { fields, details, rest } = sorted(params ?? {});
  const whole = {
    ...(summary.length > MOST_TEXT && { message: summary }),
    ...(Object.keys(rest).length && { params: rest }),
    ...(trace.length > MOST_TEXT && { stackTrace: trace }),
  };
  const event = {
    id: uuid7(now),
    occurred_at: new Date(now).toISOString(),
    event_type: clean(type),
    ...(type === "error" && { outcome: "failure", resource: problem(summary, frames) }),
    summary: shortened(summary),
    details: { ...details, level, ...(trace && { stackTrace: shortened(trace, "\n") }) },
    ...fields,
  };
  if ("before" in fields || "after" in fields) {
    // The snapshots are the page's own, so what is left over has to do with less room.
    if (whole.params) event.details.params = shortened(JSON.stringify(rest));
  } else if (Object.keys(whole).length) {
    Object.assign(event, { after: whole, change: fields.change ?? "other" });
  }
  return event;
}

// Which params are fields of an event, which are details, and which are too large or no text.
function sorted(params) {
  const fields = {}, details = {}, rest = {};
  for (const [name, value] of Object.entries(params)) {
    const key = clean(name).replaceAll(":", ".").trim().slice(0, MOST_KEY).trim();
    if (isField(name, value)) fields[name] = plain(value);
    else if (key && isShort(value) && Object.keys(details).length < MOST_DETAILS) {
      details[key] = clean(value);
    } else if (value !== undefined) rest[key || "param"] = plain(value);
  }
  return { fields, details, rest };
}

function isField(name, value) {
  switch (name) {
    case "before":
    case "after":
      return value !== undefined;
    case "resource":
      return typeof value === "object" && value !== null && "id" in value;
    case "change":
      return CHANGES.includes(value);
    case "outcome":
      return OUTCOMES.includes(value);
    case "deployment":
      return typeof value === "string";
  }
  return false;
}

const isShort = (value) =>
  ["string", "number", "boolean", "bigint"].includes(typeof value) && String(value).length <= MOST_TEXT;

// What the same errors have in common, wherever the line has moved: errors are grouped by it.
function problem(message, frames) {
  const [first] = frames;
  const kind = /^([\w.]*(?:Error|Exception))\b/.exec(message)?.[1] ?? "Error";
  const name = first?.name.replace(/^async /, "") || "(anonymous)";
  const id = first ? `${kind} in ${name} at ${pathOf(first.place)}` : `${kind}: ${message}`;
  return { type: "error", id: id.slice(0, MOST_TEXT), name: message.slice(0, MOST_NAME) };
}

function pathOf(place) {
  try {
    return new URL(place).pathname;
  } catch {
    return place;
  }
}

// A copy as JSON has it, taken now: what the page does to the object later is another state.
function plain(value) {
  try {
    return JSON.parse(JSON.stringify(value, expressible) ?? "null");
  } catch {
    return String(value); // it holds itself
  }
}

function expressible(key, value) {
  if (typeof value === "bigint" || typeof value === "function") return String(value);
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}

// Text that PostgreSQL can store: no NUL, no half of a surrogate pair.
function clean(value) {
  return String(value ?? "")
    .replaceAll("\0", "\u2400")
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

// At the end of a word, or of a line, so that nothing reads as something else.
function shortened(text, at = " ") {
  if (text.length <= MOST_TEXT) return text;
  const start = clean(text.slice(0, MOST_TEXT - 2));
  const end = start.lastIndexOf(at);
  return `${start.slice(0, end > MOST_TEXT / 2 ? end : undefined)}${at}…`;
}

// --- Ids ---------------------------------------------------------------------------------------

let last = 0;
let sequence = 0;

// RFC 9562, section 5.7: the time, a counter that keeps those of one millisecond in order, chance.
// Made here and at once: an event that is sent twice is recorded once.
export function uuid7(milliseconds) {
  sequence = milliseconds === last ? sequence + 1 : 0;
  last = milliseconds;
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  bytes[0] = 0x80 | (bytes[0] & 0x3f);
  const tail = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const hex = milliseconds.toString(16).padStart(12, "0");
  const counter = (sequence & 0xfff).toString(16).padStart(3, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${counter}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
