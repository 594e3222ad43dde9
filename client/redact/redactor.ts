import { isUtf8 } from "node:buffer";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { Redaction, type Counts, type Redacted } from "../../contract/redaction/redact.ts";
import type { Credentials } from "../credentials.ts";

const LINE_FEED = 10;
/** A shorter token may stand anywhere by chance. */
const SHORTEST_LITERAL = 12;

/** What became of a transcript. */
export interface RedactedTranscript {
  counts: Counts;
  /** Its last line has no end and is no whole JSON: it was left out, for what it will say is not known yet. */
  leftOut: boolean;
}

/** Takes secrets out of what is sent. Made once for a run: finding the hints wants a table. */
export class Redactor {
  readonly #redaction: Redaction;

  constructor(literals: readonly string[] = []) {
    this.#redaction = new Redaction(literals.filter((literal) => literal.length >= SHORTEST_LITERAL));
  }

  /** One that also knows the secrets of this machine itself. */
  static of(
    { ai_token: ai, sync_token: sync, write_tokens: writes, offered_tokens: offers = {} }: Credentials,
    more: readonly (string | undefined)[] = [],
  ): Redactor {
    const known = [ai, sync, ...Object.values(writes), ...Object.values(offers), ...more];
    return new Redactor([...new Set(known.filter((token) => token !== undefined))]);
  }

  /** A knowledge file. Bytes without a secret come back as they are. */
  document(content: Buffer): { content: Buffer; counts: Counts } {
    if (this.#redaction.hintIn(content, 0) < 0) return { content, counts: {} };
    const { text, encoding } = decoded(content);
    const redacted = this.#redaction.document(text);
    return { content: Buffer.from(redacted.text, encoding), counts: redacted.counts };
  }

  /**
   * A transcript's bytes, given to `write` line by line or in longer pieces. Every line is redacted by itself, so the
   * beginning of a transcript becomes the beginning of what the whole becomes. Holds one line in memory, and throws
   * `too_large` for one longer than `LIMITS.sessions.lineBytes`.
   */
  async transcript(
    source: AsyncIterable<Buffer>,
    { write, isOver }: { write: (bytes: Buffer) => Promise<unknown>; isOver: boolean },
  ): Promise<RedactedTranscript> {
    const counts: Counts = {};
    let rest: Buffer[] = [];
    let restBytes = 0;
    for await (const chunk of source) {
      const end = chunk.lastIndexOf(LINE_FEED) + 1;
      if (end > 0) {
        const lines =
          rest.length === 0 ? chunk.subarray(0, end) : Buffer.concat([...rest, chunk.subarray(0, end)]);
        for (const part of this.#lines(lines, counts)) await write(part);
        [rest, restBytes] = [[], 0];
      }
      if (end < chunk.length) rest.push(chunk.subarray(end));
      restBytes += chunk.length - end;
      if (restBytes > LIMITS.sessions.lineBytes) throw tooLong();
    }
    const last = Buffer.concat(rest);
    const leftOut = last.length > 0 && !isOver && !isWhole(last);
    if (last.length > 0 && !leftOut) for (const part of this.#lines(last, counts)) await write(part);
    return { counts, leftOut };
  }

  /** Whole lines; those without a hint pass as they are, undecoded. */
  *#lines(lines: Buffer, counts: Counts): Generator<Buffer> {
    let passed = 0;
    for (let hint = this.#redaction.hintIn(lines, 0); hint >= 0;) {
      const start = lines.lastIndexOf(LINE_FEED, hint - 1) + 1;
      const next = lines.indexOf(LINE_FEED, hint);
      const end = next < 0 ? lines.length : next;
      const { text, encoding } = decoded(lines.subarray(start, end));
      const redacted = this.#redaction.line(text);
      if (redacted.text !== text) {
        if (start > passed) yield lines.subarray(passed, start);
        yield Buffer.from(redacted.text, encoding);
        passed = end;
        add(counts, redacted);
      }
      hint = this.#redaction.hintIn(lines, end);
    }
    if (passed < lines.length) yield lines.subarray(passed);
  }
}

/** Bytes as text that becomes the same bytes again: those that are no UTF-8 as one character each. */
function decoded(bytes: Buffer): { text: string; encoding: "utf8" | "latin1" } {
  if (isUtf8(bytes)) return { text: bytes.toString("utf8"), encoding: "utf8" };
  return { text: bytes.toString("latin1"), encoding: "latin1" };
}

function add(counts: Counts, { counts: more }: Redacted): void {
  for (const [rule, count] of Object.entries(more)) counts[rule] = (counts[rule] ?? 0) + count;
}

/** A line of JSON that is not all there is no JSON. */
function isWhole(line: Buffer): boolean {
  try {
    JSON.parse(line.toString("utf8"));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false;
    throw error;
  }
}

function tooLong(): AppError {
  return new AppError(
    "too_large",
    `A line is longer than ${LIMITS.sessions.lineBytes} bytes; it is not sent, for it cannot be redacted`,
  );
}
