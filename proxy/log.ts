/** Levels in their order; of a chosen one and those behind it lines are written. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

type Fields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Writes one line of JSON for each thing that happened. Headers, queries and bodies have no place in it. */
export interface Log {
  debug(msg: string, fields?: Fields): void;
  info(msg: string, fields?: Fields): void;
  warn(msg: string, fields?: Fields): void;
  error(msg: string, fields?: Fields): void;
}

/** What JSON leaves as it is but a terminal or a line-based reader may act on. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A log from this level on; `write` takes whole lines. */
export function createLog(least: LogLevel, write: (line: string) => void): Log {
  const line = (level: LogLevel, msg: string, fields: Fields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const text = JSON.stringify({ level, time: new Date().toISOString(), msg, ...fields });
    write(`${text.replace(CONTROLS, escaped)}\n`);
  };
  return {
    debug: (msg, fields) => line("debug", msg, fields),
    info: (msg, fields) => line("info", msg, fields),
    warn: (msg, fields) => line("warn", msg, fields),
    error: (msg, fields) => line("error", msg, fields),
  };
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
