import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataOf } from "../../proxy/stream/event-data.ts";
import { EventFramer } from "../../proxy/stream/event-framer.ts";

const part = fc.oneof(
  fc.constantFrom("\n", "\r", "\r\n", "\n\n", "\r\r", "\r\n\r\n", "data: x", "é😀", "\ufeff"),
  fc.string({ unit: "binary", maxLength: 5 }),
);
const stream = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.from(parts.join("")));
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 30 });

const framer = () => new EventFramer({ eventBytes: 1000, onOversize: () => {} });

describe("any stream in any pieces", () => {
  it("goes on with each event at once, and with nothing before it is whole", () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, lengths) => {
        const framing = framer();
        let gone = Buffer.alloc(0);
        for (const { piece, end } of piecesOf(bytes, lengths)) {
          gone = Buffer.concat([gone, framing.push(piece).bytes]);

          expect(gone).toEqual(bytes.subarray(0, lastEnd(bytes.subarray(0, end))));
        }

        expect(Buffer.concat([gone, framing.end().bytes])).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it("has the events that the whole has", () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, lengths) => {
        const framing = framer();

        const framed = [...piecesOf(bytes, lengths).map(({ piece }) => framing.push(piece)), framing.end()];

        const events = framed.flatMap(({ bytes, events }) =>
          events.map(({ start, end }) => bytes.subarray(start, end)),
        );
        expect(withoutLateLf(events)).toEqual(eventsOf(bytes).map(String));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the data of an event", () => {
  it.each([
    ["data: {}\n\n", "{}", [6]],
    ["data:{}\r\n\r\n", "{}", [5]],
    ["event: x\rdata:  {}\r\r", " {}", [15]],
    ["data: a\nid: 1\ndata:b\ndata: \n\n", "a\nb\n\n", [6, 7, 19]],
    ["data: a\ndataset: b\n data: c\n: data: d\n\n", "a", [6]],
    ["data: unfinished", "unfinished", [6]],
  ])("of %j is %j", (event, json, places) => {
    const data = dataOf(Buffer.from(event), { isFirst: false });

    expect(data?.json.toString()).toBe(json);
    expect(places.map((_, index) => data?.at(index))).toEqual(places);
  });

  it("of many lines is found again where it stands", () => {
    const lines = Array.from(
      { length: 50 },
      (_, index) => `: ${index}\ndata: ${String.fromCodePoint(0x100 + index)}\r\n`,
    );
    const event = Buffer.from(lines.join(""));

    const data = dataOf(event, { isFirst: false });

    const found = Array.from({ length: 50 }, (_, index) =>
      event.subarray(data?.at(3 * index), (data?.at(3 * index) ?? 0) + 2),
    );
    expect(Buffer.concat(found).toString()).toBe(data?.json.toString().replaceAll("\n", ""));
  });

  it.each(["\n", "event: x\n\n", ": data: x\n\n", "", "DATA: x\n\n"])("is none in %j", (event) => {
    expect(dataOf(Buffer.from(event), { isFirst: false })).toBeUndefined();
  });

  it("stands behind a byte order mark at the beginning of a stream only", () => {
    const event = Buffer.from("\ufeffdata: x\n\n");

    expect(dataOf(event, { isFirst: true })?.at(0)).toBe(9);
    expect(dataOf(event, { isFirst: false })).toBeUndefined();
  });
});

function piecesOf(bytes: Buffer, lengths: readonly number[]): { piece: Buffer; end: number }[] {
  const pieces: { piece: Buffer; end: number }[] = [];
  for (let at = 0; at < bytes.length; at = pieces.at(-1)?.end ?? at) {
    const end = Math.min(bytes.length, at + (lengths[pieces.length % lengths.length] ?? 1));
    pieces.push({ piece: bytes.subarray(at, end), end });
  }
  return pieces;
}

/** The whole stream, divided behind each empty line; what is left at its end is one more. */
function eventsOf(bytes: Buffer): Buffer[] {
  const events = [""];
  for (const line of linesOf(bytes)) {
    events.push(`${events.pop() ?? ""}${line}`);
    if (isEmpty(line)) events.push("");
  }
  return events.filter((event) => event !== "").map((event) => Buffer.from(event, "latin1"));
}

/** Behind the last empty line. */
function lastEnd(bytes: Buffer): number {
  const lines = linesOf(bytes);
  return lines.slice(0, lines.findLastIndex(isEmpty) + 1).join("").length;
}

function linesOf(bytes: Buffer): readonly string[] {
  return bytes.toString("latin1").match(/[^\r\n]*(?:\r\n|\n|\r|$)/g) ?? [];
}

function isEmpty(line: string): boolean {
  return /^[\r\n]+$/.test(line);
}

/** An LF whose CR came in an earlier piece and ended an event is one for itself. */
function withoutLateLf(events: readonly Buffer[]): string[] {
  const joined: string[] = [];
  for (const event of events) {
    if (String(event) === "\n" && joined.at(-1)?.endsWith("\r") === true)
      joined.push(`${joined.pop() ?? ""}\n`);
    else joined.push(String(event));
  }
  return joined;
}
