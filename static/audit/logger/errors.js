// Errors that nobody caught, and the stack traces of Chromium, Firefox and Safari.

const AGAIN_MS = 1_000; // the same error within this is counted, not sent again
const MOST_A_MINUTE = 30;
const MOST_LINE = 2_000; // a message may be in a stack trace, too
const OWN = new URL("../logger", import.meta.url).href; // …/logger.js and …/logger/

// "at save (https://app/a.js:3:7)", "at https://app/a.js:3:7", "save@https://app/a.js:3:7"
const CHROMIUM = /^\s*at (?:(?<name>.+?) \()?(?<place>.+?):(?<line>\d+):(?<column>\d+)\)?$/;
const OTHERS = /^(?<name>[^@]*)@(?<place>.+?):(?<line>\d+):(?<column>\d+)$/;

// The calls of a stack trace, innermost first, without the logger's own.
export function framesOf(stackTrace) {
  const frames = [];
  for (const line of String(stackTrace ?? "").split("\n")) {
    const match = line.length <= MOST_LINE && (CHROMIUM.exec(line) ?? OTHERS.exec(line));
    if (match && !match.groups.place.startsWith(OWN)) frames.push({ ...match.groups });
  }
  return frames;
}

export function translated(stackTrace) {
  const frames = framesOf(stackTrace);
  if (!frames.length) return String(stackTrace ?? "").trim();
  return frames
    .map(({ name, place, line, column }) => `at ${name || "(anonymous)"} (${place}:${line}:${column})`)
    .join("\n");
}

// Reports to `logger` what nobody catches. Returns a function that ends it.
export function captureErrors(logger) {
  const controller = new AbortController();
  const reporter = new Reporter(logger);
  const listen = (name, heard) => addEventListener(name, heard, { signal: controller.signal });
  listen("error", ({ error, message, filename, lineno, colno }) => {
    reporter.report(error ?? message, `at ${filename}:${lineno}:${colno}`);
  });
  listen("unhandledrejection", ({ reason }) => reporter.report(reason, ""));
  listen("pagehide", () => reporter.tellRepeats());
  return () => {
    reporter.tellRepeats();
    controller.abort();
  };
}

class Reporter {
  constructor(logger) {
    this.logger = logger;
    this.recent = new Map(); // what and where → how often again, within AGAIN_MS
    this.times = [];
  }

  report(reason, place) {
    const stack = reason?.stack ?? place;
    if (stack.split("\n").some((line) => line.includes(OWN))) return; // never about itself
    const message = reason instanceof Error ? `${reason.name}: ${reason.message}` : inWords(reason);
    const key = `${message}\n${stack}`;
    const seen = this.recent.get(key);
    if (seen) {
      seen.repeats += 1;
      return;
    }
    if (!this.hasRoom()) return;
    this.logger.error(message, {}, stack);
    const timer = setTimeout(() => this.tell(key), AGAIN_MS);
    this.recent.set(key, { message, stack, repeats: 0, timer });
  }

  // The first came at once, for the page may not live long; how often it came again comes after.
  tell(key) {
    const { message, stack, repeats, timer } = this.recent.get(key);
    clearTimeout(timer);
    this.recent.delete(key);
    if (repeats) this.logger.error(message, { repeats }, stack);
  }

  tellRepeats() {
    for (const key of [...this.recent.keys()]) this.tell(key);
  }

  hasRoom() {
    const now = Date.now();
    this.times = this.times.filter((time) => time > now - 60_000);
    return this.times.length < MOST_A_MINUTE && this.times.push(now);
  }
}

function inWords(reason) {
  if (typeof reason !== "object" || reason === null) return String(reason);
  try {
    return reason.message ? String(reason.message) : (JSON.stringify(reason) ?? "an object");
  } catch {
    return "an object";
  }
}
