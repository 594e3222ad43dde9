import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { FactsCollector, type TranscriptFacts } from "../../contract/transcript.ts";
import { mattersLater } from "../../contract/transcript-facts.ts";

const LINE_FEED = 0x0a;
/** Of a longer line only its length is looked at: no client writes its facts into such a line. */
const PARSED_LINE_BYTES = 4 * 1024 * 1024;

interface TranscriptReaderOptions {
  /** Throws `too_large` for a longer line. */
  lineBytes?: number;
  /** Facts of what came before. */
  known?: TranscriptFacts;
}

/** Follows the raw bytes of a transcript, in pieces of any size, and learns its facts. Memory is bounded. */
export class TranscriptReader {
  readonly #lineBytes: number;
  readonly #facts: FactsCollector;
  /** Pieces of the line that has not ended yet. */
  #line: Buffer[] = [];
  #lineLength = 0;
  #lastWithTime: Buffer | undefined;
  #kinds = new Set<LineKind>();

  constructor({ lineBytes = Number.POSITIVE_INFINITY, known }: TranscriptReaderOptions = {}) {
    this.#lineBytes = lineBytes;
    this.#facts = new FactsCollector(known);
  }

  /**
   * True when no line begins as JSON of a sane depth and some line is binary or nested beyond reason: an archive or an
   * image, sent by mistake or malice. Torn lines, other text and broken UTF-8 are no reason to refuse what a client kept.
   */
  get isForeign(): boolean {
    return !this.#kinds.has("json") && (this.#kinds.has("binary") || this.#kinds.has("too deep"));
  }

  add(piece: Buffer): void {
    for (let start = 0; start < piece.length;) {
      const found = piece.indexOf(LINE_FEED, start);
      const end = found === -1 ? piece.length : found;
      this.#extend(piece.subarray(start, end));
      if (found !== -1) this.#endLine();
      start = end + 1;
    }
  }

  /** Call once, after the last piece. */
  finish(): TranscriptFacts {
    this.#endLine();
    if (this.#lastWithTime !== undefined) this.#facts.add(this.#lastWithTime.toString("utf8"));
    return this.#facts.facts();
  }

  #extend(part: Buffer): void {
    this.#lineLength += part.length;
    if (this.#lineLength > this.#lineBytes)
      throw new AppError("too_large", `A line of the transcript is longer than ${this.#lineBytes} bytes`);
    if (this.#lineLength <= PARSED_LINE_BYTES) return void this.#line.push(part);
    this.#notice(this.#line[0] ?? part);
    this.#line = [];
    return undefined;
  }

  #endLine(): void {
    const whole = this.#lineLength <= PARSED_LINE_BYTES;
    const [only, ...more] = this.#line;
    if (whole && only !== undefined) this.#learn(more.length === 0 ? only : Buffer.concat(this.#line));
    this.#line = [];
    this.#lineLength = 0;
  }

  #notice(line: Buffer): void {
    if (!this.#kinds.has("json")) this.#kinds.add(kindOf(line));
  }

  #learn(line: Buffer): void {
    this.#notice(line);
    if (!this.#facts.complete) return this.#facts.add(line.toString("utf8"));
    const matter = mattersLater((text) => line.includes(text));
    if (matter === "title") this.#facts.add(line.toString("utf8"));
    if (matter === "time") this.#lastWithTime = line;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

type LineKind = "json" | "too deep" | "binary" | "text";

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

function kindOf(line: Buffer): LineKind {
  const start = line
    .subarray(0, 64)
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart()
    .charAt(0);
  if (start === "{" || start === "[") return depthOf(line) <= LIMITS.sessions.lineDepth ? "json" : "too deep";
  return line.includes(0) || line.subarray(0, 2).equals(GZIP_MAGIC) ? "binary" : "text";
}

/** How deep a line of JSON is nested. Brackets inside texts do not count. */
function depthOf(line: Buffer): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at] ?? 0;
    if (byte === QUOTE) inText = !inText;
    else if (inText) at += byte === BACKSLASH ? 1 : 0;
    else if (OPENING.has(byte)) deepest = Math.max(deepest, (depth += 1));
    else if (CLOSING.has(byte)) depth -= 1;
  }
  return deepest;
}
