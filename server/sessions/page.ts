import { sessionAnchor } from "../../contract/anchor.ts";
import { LIMITS } from "../../contract/limits.ts";
import { showInvisible } from "../../contract/secrets.ts";
import type { SessionLines } from "../../contract/wire.ts";
import { giveBack } from "../storage/give-back.ts";
import type { RawChunk } from "./chunks.ts";
import { linesOf } from "./line-blocks.ts";
import { Pace } from "./pace.ts";
import type { SessionReader } from "./reader.ts";
import { endsInsideCharacter, renderLine, type Part, type SessionView, type ShownLine } from "./render.ts";
import { entryOf, type StoredSession } from "./session.ts";

/** Where a page begins and how much it may hold. */
export interface PageRange {
  from_line?: number | undefined;
  /** Character (UTF-16 unit) within what `from_line` shows. */
  from_char?: number | undefined;
  /** Lines that show something. */
  max_lines?: number | undefined;
  max_bytes?: number | undefined;
}

/**
 * A page of a session from `from_line` on; only the chunks it needs are inflated. Lines are cut only when one alone
 * fills the page. Pages of the view `raw`, put together, are the whole transcript as text.
 */
export async function pageOf(
  reader: SessionReader,
  session: StoredSession,
  view: SessionView,
  range: PageRange,
): Promise<SessionLines> {
  const fromLine = range.from_line ?? 1;
  const page = new Page(range);
  const { last, stop } = await fill(page, reader.chunks(session, { fromLine }), { fromLine, view });
  const lines = last < fromLine ? [] : [fromLine, last];
  return {
    session: entryOf(session),
    anchor: sessionAnchor(session.workspaceId, session.facts.session_id, ...lines),
    view,
    from_line: fromLine,
    last_line: last,
    text: page.text,
    ...(stop !== undefined && { next_line: stop.line }),
    ...(stop?.char !== undefined && { next_char: stop.char }),
  };
}

/** Adds lines until the page is full or enough was looked through; says which line was the last. */
async function fill(
  page: Page,
  chunks: AsyncIterable<RawChunk>,
  { fromLine, view }: { fromLine: number; view: SessionView },
): Promise<{ last: number; stop?: Stop }> {
  const { pageScanBytes, pageScanLines } = LIMITS.sessions;
  const pace = new Pace();
  let [last, scannedBytes] = [fromLine - 1, 0];
  for await (const chunk of usedOnce(chunks)) {
    for (const { line, data } of linesOf(chunk)) {
      await pace.rest();
      if (line < fromLine) continue;
      if (scannedBytes > pageScanBytes || line - fromLine >= pageScanLines) return { last, stop: { line } };
      scannedBytes += data.length;
      const stop = page.add(line, await renderLine({ line, data }, view, page.partOf(line), pace));
      // A line that was cut, or just fitted, is on this page.
      if (stop !== undefined) return { last: stop.char === undefined ? stop.line - 1 : stop.line, stop };
      last = line;
    }
  }
  return { last };
}

/** The same chunks; the data of each is gone when the next is asked for. */
async function* usedOnce(chunks: AsyncIterable<RawChunk>): AsyncGenerator<RawChunk, void, undefined> {
  for await (const chunk of chunks)
    try {
      yield chunk;
    } finally {
      giveBack(chunk.data);
    }
}

/** Where the next page begins. */
interface Stop {
  line: number;
  char?: number;
}

class Page {
  readonly #firstLine: number;
  readonly #fromChar: number;
  readonly #budgetBytes: number;
  readonly #maxLines: number;
  readonly #texts: string[] = [];
  #bytes = 0;

  constructor({ from_line = 1, from_char = 0, max_lines = Number.POSITIVE_INFINITY, max_bytes }: PageRange) {
    this.#firstLine = from_line;
    this.#fromChar = from_char;
    this.#maxLines = max_lines;
    this.#budgetBytes = Math.min(max_bytes ?? LIMITS.answer.defaultBytes, LIMITS.answer.maxBytes);
  }

  get text(): string {
    return this.#texts.join("\n");
  }

  /** What of a line can matter to this page: a character takes at least one byte. */
  partOf(line: number): Part {
    return { from: line === this.#firstLine ? this.#fromChar : 0, chars: Math.max(this.#roomBytes, 0) + 2 };
  }

  /** Takes what a line shows, and says where the next page begins when this one is full. */
  add(line: number, shown: ShownLine | undefined): Stop | undefined {
    if (shown === undefined) return undefined;
    if (this.#texts.length >= this.#maxLines) return { line };
    const { lead, body, goesOn } = shown;
    const roomBytes = this.#roomBytes - lead.length - 1;
    const whole = goesOn ? undefined : fitted(body, roomBytes);
    if (whole !== undefined) return this.#take(lead + whole);
    if (this.#texts.length > 0) return { line };
    const piece = fitting(body, roomBytes);
    this.#take(lead + showInvisible(piece));
    const isWhole = !goesOn && piece.length === body.length;
    return isWhole ? { line: line + 1 } : { line, char: this.partOf(line).from + piece.length };
  }

  get #roomBytes(): number {
    return this.#budgetBytes - this.#bytes;
  }

  #take(text: string): undefined {
    this.#texts.push(text);
    this.#bytes += Buffer.byteLength(text) + 1;
    return undefined;
  }
}

/** The visible form of a text, if that has at most `bytes` bytes. */
function fitted(text: string, bytes: number): string | undefined {
  // A character takes at least one byte: no need to look at all of a long text.
  if (text.length > bytes) return undefined;
  const visible = showInvisible(text);
  return Buffer.byteLength(visible) <= bytes ? visible : undefined;
}

/** The longest beginning whose visible form has at most `bytes` bytes, ending between two characters; at least one. */
function fitting(text: string, bytes: number): string {
  let [good, bad] = [0, Math.min(text.length, Math.max(bytes, 0)) + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fitted(text.slice(0, middle), bytes) !== undefined) good = middle;
    else bad = middle;
  }
  const end = endsInsideCharacter(text, good) ? good - 1 : good;
  return text.slice(0, Math.max(end, endsInsideCharacter(text, 1) ? 2 : 1));
}
