import { describe, expect, it } from "vitest";
import { EventRewriter } from "../../proxy/stream/event-rewriter.ts";
import { namesWith, OURS } from "../support/proxy-requests.ts";

const names = namesWith("mcp__memory__search");
/** The start of a call as the API sends it. */
const start = (name: string) =>
  `{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"${name}","input":{}}}`;

/** What comes out of a rewriter, piece by piece. */
async function piecesOf(pieces: readonly (string | Buffer)[], options = {}): Promise<string[]> {
  const rewriter = new EventRewriter(names, options);
  const out: Buffer[] = [];
  rewriter.on("data", (piece: Buffer) => out.push(piece));
  for (const piece of pieces) rewriter.write(Buffer.from(piece));
  const ended = new Promise((resolve) => rewriter.on("end", resolve));
  rewriter.end();
  await ended;
  return out.map((piece) => piece.toString("latin1"));
}

async function textOf(pieces: readonly (string | Buffer)[], options = {}): Promise<string> {
  const out = await piecesOf(pieces, options);
  return Buffer.from(out.join(""), "latin1").toString();
}

describe("an event", () => {
  it.each([
    ["CP 3.1: content_block_start", (name: string) => `event: content_block_start\ndata: ${start(name)}\n\n`],
    [
      "CP 3.1: message_delta with tool_choice",
      (name: string) =>
        `data: {"type":"message_delta","delta":{"tool_choice":{"type":"tool","name":"${name}"}}}\n\n`,
    ],
    [
      "CP 3.1: message_start with content",
      (name: string) =>
        `data: {"type":"message_start","message":{"content":[{"type":"tool_use","name":"${name}"}]}}\n\n`,
    ],
    ["CP 4.2: CRLF", (name: string) => `event: content_block_start\r\ndata: ${start(name)}\r\n\r\n`],
    ["CP 4.2: CR", (name: string) => `event: content_block_start\rdata: ${start(name)}\r\r`],
    ["mixed ends of lines", (name: string) => `id: 1\rdata: ${start(name)}\n\r\n: x\n\n`],
    [
      "CP 4.2: id, comment and retry",
      (name: string) => `id:7\n: "memory" é\nretry: 5\nevent: other\ndata:${start(name)}\nx\n\n`,
    ],
    ["a byte order mark", (name: string) => `\ufeffdata: ${start(name)}\n\n`],
    [
      "blanks and key order",
      (name: string) =>
        `data:   {"content_block" : { "name" :\t"${name}" , "type":"tool_use" } ,  "type" : "content_block_start" }  \n\n`,
    ],
    [
      "several data lines",
      (name: string) =>
        `data: {"type":"content_block_start",\nid: 3\ndata: "content_block":{"type":"tool_use",\ndata:"name": "${name}"\ndata\ndata:}}\n\n`,
    ],
    ["no end", (name: string) => `data: ${start(name)}`],
  ])("has the client's name: %s", async (_, event) => {
    expect(await textOf([event("memory")])).toBe(event(OURS));
    expect(await textOf(byteByByte(event("memory")))).toBe(event(OURS));
    expect(await textOf([event("search")])).toBe(event("mcp__memory__search"));
  });

  it.each([
    ["CP 4.2: a text", '{"type":"content_block_delta","delta":{"type":"text_delta","text":"\\"memory\\""}}'],
    [
      "CP 2.9: a piece of an input",
      '{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{\\"name\\":\\"memory\\"}"},"tool_choice":{"type":"tool","name":"memory"}}',
    ],
    [
      "CP 4.2: an input that looks like a call",
      '{"type":"content_block_start","content_block":{"type":"tool_use","name":"Bash","input":{"type":"tool_use","name":"memory"}}}',
    ],
    [
      "a call of a tool that the API runs",
      '{"type":"content_block_start","content_block":{"type":"server_tool_use","name":"memory"}}',
    ],
    ["an event of another type", '{"type":"new","content_block":{"type":"tool_use","name":"memory"}}'],
    ["no JSON", '{"type":"content_block_start","content_block":{"type":"tool_use","name":"memory"}'],
    ["no object", '["memory"]'],
  ])("stays: %s", async (_, json) => {
    const event = `event: content_block_start\ndata: ${json}\n\n`;

    expect(await textOf([event])).toBe(event);
  });

  it("with a mark in front is known at the beginning only", async () => {
    const stream = `data: {}\n\n\ufeffdata: ${start("memory")}\n\n`;

    expect(await textOf([stream])).toBe(stream);
  });
});

it("finds a name however it is spelled", async () => {
  const event = `data: ${start("m\\u0065mory")}\n\n`;

  expect(await textOf([event])).toBe(`data: ${start(OURS)}\n\n`);
});

describe("a stream", () => {
  it("goes on piece by piece, each event as soon as it is whole", async () => {
    const event = `data: ${start("memory")}\n\n`;

    const out = await piecesOf([`${event}data: {"ty`, 'pe":"ping"}', "\r\n\r", `\n${event}`, "data: rest"]);

    const renamed = event.replace("memory", OURS);
    expect(out).toEqual([renamed, 'data: {"type":"ping"}\r\n\r', `\n${renamed}`, "data: rest"]);
  });

  it("copies nothing where no event is divided and no name is found", async () => {
    const piece = Buffer.from('data: {"type":"ping"}\n\n');
    const rewriter = new EventRewriter(names);

    rewriter.write(piece);
    piece[0] = "D".charCodeAt(0);

    expect(String(rewriter.read())).toBe('Data: {"type":"ping"}\n\n');
  });
});

describe("an event that is too long", () => {
  const event = `data: ${start("memory")}\n\n`;
  const renamed = event.replace("memory", OURS);

  it.each([
    ["at once", [event + event]],
    ["in pieces", [event.slice(0, 100), event.slice(100) + event]],
    ["byte by byte", byteByByte(event + event)],
  ])("goes on as it is, one that is as long as it may be does not: %s", async (_, pieces) => {
    const seen: string[] = [];
    const onOversize = () => seen.push("oversize");

    expect(await textOf(pieces, { eventBytes: event.length, onOversize })).toBe(renamed + renamed);
    expect(seen).toEqual([]);
    expect(await textOf(pieces, { eventBytes: event.length - 1, onOversize })).toBe(event + event);
    expect(seen).toEqual(["oversize", "oversize"]);
  });

  it("is followed by others that are renamed", async () => {
    const long = `data: ${"x".repeat(500)} "memory"\r\n\r\n`;
    const pieces = byteByByte(long + event);

    expect(await textOf(pieces, { eventBytes: 300 })).toBe(long + renamed);
  });
});

function byteByByte(text: string): Buffer[] {
  return Array.from(Buffer.from(text), (byte) => Buffer.from([byte]));
}
