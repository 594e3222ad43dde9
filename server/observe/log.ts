import { pino } from "pino";
import { maskSecrets } from "../../contract/secrets.ts";

/** Structured log of the server: one JSON object per line. */
export type Log = pino.Logger;

interface LogOptions {
  level?: "fatal" | "error" | "warn" | "info" | "debug" | "silent";
  /** Takes whole lines, each with its line feed. Default: standard output. */
  write?: (line: string) => void;
}

/** Headers that carry secrets, at the top of an entry or one level down. */
const SECRET_FIELDS = [
  "authorization",
  "cookie",
  "x-workspace-token",
  "x-workspace-binding",
  "token",
  "secret",
];

/** What JSON leaves as it is but a terminal or a line-based reader may act on. */
const CONTROLS = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A log that redacts secret fields, masks this product's own secrets wherever they stand, and escapes control characters. */
export function createLog({ level = "info", write = writeToStdout }: LogOptions = {}): Log {
  const paths = SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`]);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: "[redacted]" },
    },
    { write: (line: string) => write(escapeControls(maskSecrets(line))) },
  );
}

function writeToStdout(line: string): void {
  process.stdout.write(line);
}

function escapeControls(line: string): string {
  return line.replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
