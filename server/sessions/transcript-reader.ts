import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { FactsCollector, type TranscriptFacts } from "../../contract/transcript.ts";
import { mattersLater, TIME_KEY, TITLE_MARK } from "../../contract/transcript-facts.ts";
import { LINE_FEED } from "../storage/line-feeds.ts";
import { Pace } from "./pace.ts";

const { lineDepth, parsedLineBytes, searchedLineBytes } = LIMITS.sessions;

/** Bytes looked at in one go: few enough even where they are all short lines. */
const PIECE_BYTES = 16 * 1024;

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
  readonly #pace = new Pace();

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

  /** The caller must not change the bytes afterwards. */
  async add(data: Buffer): Promise<void> {
    for await (const piece of this.#pace.pieces(data, PIECE_BYTES)) this.#look(piece);
  }

  /** Call once, after the last piece. */
  finish(): TranscriptFacts {
    this.#endLine();
    if (this.#lastWithTime !== undefined) this.#facts.add(this.#lastWithTime.toString("utf8"));
    return this.#facts.facts();
  }

  #look(piece: Buffer): void {
    const skims = this.#maySkim(piece);
    for (let start = 0; start < piece.length;) {
      const whole = skims && this.#lineLength === 0 ? piece.lastIndexOf(LINE_FEED) + 1 : 0;
      if (whole > start) {
        this.#skim(piece.subarray(start, whole));
        start = whole;
        continue;
      }
      if (this.#lineLength === 0 && piece[start] === LINE_FEED) {
        start += 1;
        continue;
      }
      const found = piece.indexOf(LINE_FEED, start);
      const end = found === -1 ? piece.length : found;
      this.#extend(piece.subarray(start, end));
      if (found !== -1) this.#endLine();
      start = end + 1;
    }
  }

  /** True when nothing in a piece but the last time can change what is known. */
  #maySkim(piece: Buffer): boolean {
    const isKnown = this.#facts.complete && this.#kinds.has("json");
    return isKnown && piece.length <= this.#lineBytes && !piece.includes(TITLE_MARK);
  }

  /** Looks at whole lines together: one by one they would cost several times as much. */
  #skim(lines: Buffer): void {
    const time = lines.lastIndexOf(TIME_KEY);
    if (time === -1) return;
    const start = lines.lastIndexOf(LINE_FEED, time) + 1;
    this.#lastWithTime = lines.subarray(start, lines.indexOf(LINE_FEED, time));
  }

  #extend(part: Buffer): void {
    this.#lineLength += part.length;
    if (this.#lineLength > this.#lineBytes)
      throw new AppError("too_large", `A line of the transcript is longer than ${this.#lineBytes} bytes`);
    if (this.#lineLength <= searchedLineBytes) return void this.#line.push(part);
    if (this.#line[0] !== undefined) this.#notice(this.#line[0]);
    this.#line = [];
    return undefined;
  }

  #endLine(): void {
    const [only, ...more] = this.#line;
    const tells = this.#lineLength <= searchedLineBytes;
    if (tells && only !== undefined) this.#learn(more.length === 0 ? only : Buffer.concat(this.#line));
    this.#line = [];
    this.#lineLength = 0;
  }

  #notice(line: Buffer): void {
    if (!this.#kinds.has("json")) this.#kinds.add(kindOf(line.subarray(0, parsedLineBytes)));
  }

  #learn(line: Buffer): void {
    this.#notice(line);
    if (!this.#facts.complete) return this.#facts.add(line.toString("utf8"));
    const matter = mattersLater(line);
    if (matter === "title") this.#facts.add(line.toString("utf8"));
    if (matter === "time") this.#lastWithTime = line;
  }
}

type LineKind = "json" | "too deep" | "binary" | "text";

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const [LEFT_BRACKET, RIGHT_BRACKET, LEFT_BRACE, RIGHT_BRACE] = [0x5b, 0x5d, 0x7b, 0x7d];

/** What the beginning of a line shows it to be. */
function kindOf(line: Buffer): LineKind {
  const start = firstByte(line);
  if (start === LEFT_BRACE || start === LEFT_BRACKET) return depthOf(line) <= lineDepth ? "json" : "too deep";
  return line.includes(0) || line.subarray(0, 2).equals(GZIP_MAGIC) ? "binary" : "text";
}

/** The first byte that is neither white space nor a byte order mark. */
function firstByte(line: Buffer): number | undefined {
  let at = line[0] === BYTE_ORDER_MARK[0] && line.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  while (line[at] === 0x20 || line[at] === 0x09 || line[at] === 0x0d) at += 1;
  return line[at];
}

/** How deep a line of JSON is nested. Brackets inside texts do not count. */
function depthOf(line: Buffer): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (byte === QUOTE) inText = !inText;
    else if (inText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === LEFT_BRACE || byte === LEFT_BRACKET) deepest = Math.max(deepest, (depth += 1));
    else if (byte === RIGHT_BRACE || byte === RIGHT_BRACKET) depth -= 1;
  }
  return deepest;
}
