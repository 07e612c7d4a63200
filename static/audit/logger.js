// Records what happens in a web page in the audit log, and the errors of the page by itself.
// Of the shape of Datagrok's logger. docs/javascript-logger.md tells what becomes of what.
import { Connection } from "./logger/connection.js";
import { captureErrors, framesOf, translated } from "./logger/errors.js";
import { asEvent } from "./logger/events.js";

export const LOG_LEVEL = Object.freeze({
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warning",
  ERROR: "error",
  AUDIT: "audit",
  USAGE: "usage",
});

const MOST_EARLY = 200;

let connection = null;
let staticLogger = null;
let stopCapturing = () => {};
// What is logged before the page has connected.
const early = [];
let lost = 0;

function send(event) {
  if (connection) connection.add(event);
  else if (early.length < MOST_EARLY) early.push(event);
  else lost += 1;
}

export class Logger {
  // `putCallback` is called with each record first, and may change it; with `record.skip = true`
  // nothing is sent. `params` are put into every record.
  constructor(putCallback, { params = {}, staticLogger: isStatic = false } = {}) {
    this.putCallback = putCallback;
    this.params = params;
    if (isStatic) staticLogger = this;
  }

  static create({ params = {} } = {}) {
    return new Logger(undefined, { params });
  }

  // The page's own logger, which reports errors that nobody caught.
  static getStatic() {
    return (staticLogger ??= new Logger());
  }

  // Says where events go and who vouches for whom; see Connection. Returns the static logger.
  static connect({ callback, params, captureErrors: captures = true, ...options }) {
    connection?.close();
    stopCapturing();
    const logger = new Logger(callback, { params, staticLogger: true });
    connection = new Connection(options);
    for (const event of early.splice(0)) connection.add(event);
    stopCapturing = captures ? captureErrors(logger) : () => {};
    return logger;
  }

  // A stack trace as one reads it in any browser, without the logger's own part in it.
  static translateStackTrace(stackTrace) {
    return translated(stackTrace);
  }

  // How many records could be neither sent nor kept, or were refused by the server.
  get dropped() {
    return lost + (connection?.dropped ?? 0);
  }

  // Resolves when an attempt has been made to send everything that is waiting.
  async flush() {
    await connection?.flush();
  }

  // Like audit, which Datagrok recommends instead.
  log(message, params, type = "log") {
    this.audit(message, params, type);
  }

  audit(message, params, type = "log") {
    this.#put({ level: LOG_LEVEL.AUDIT, message, params, type });
  }

  usage(message, params, type = "usage") {
    this.#put({ level: LOG_LEVEL.USAGE, message, params, type });
  }

  debug(message, params, stackTrace) {
    this.#put({ level: LOG_LEVEL.DEBUG, message, params, stackTrace });
  }

  info(message, params, stackTrace) {
    this.#put({ level: LOG_LEVEL.INFO, message, params, stackTrace });
  }

  warning(message, params, stackTrace) {
    this.#put({ level: LOG_LEVEL.WARNING, message, params, stackTrace });
  }

  // `message` may be the error itself. Without a stack trace, it is the caller's.
  error(message, params, stackTrace) {
    const isError = message instanceof Error;
    const stack = stackTrace ?? (isError ? message.stack : new Error().stack);
    const text = isError ? `${message.name}: ${message.message}` : message;
    this.#put({ level: LOG_LEVEL.ERROR, message: text, params, stackTrace: stack });
  }

  #put(record) {
    record.params = { ...this.params, ...record.params };
    record.type ??= record.level === LOG_LEVEL.ERROR ? "error" : "log";
    try {
      this.putCallback?.(record);
    } catch (error) {
      // What the callback does wrong is no reason to lose the record, or to break the page.
      console.error("The audit logger's callback failed:", error);
    }
    if (!record.skip) send(asEvent(record, framesOf(record.stackTrace)));
  }
}

// A logger of one package or part of an application, named in each of its records.
export class PackageLogger extends Logger {
  constructor(package_, putCallback) {
    super(putCallback, { params: { package: package_?.name ?? String(package_) } });
    this.package = package_;
  }
}
