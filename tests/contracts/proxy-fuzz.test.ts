import { Transform } from "node:stream";
import { expect, it } from "vitest";
import { applied } from "../../proxy/json/edits.ts";
import { eventEdits } from "../../proxy/stream/event-names.ts";
import { EventRewriter } from "../../proxy/stream/event-rewriter.ts";
import { namesWith } from "../support/proxy-requests.ts";
import { cut, recordedStreams, type Stream } from "../support/stream-cuts.ts";

const CUTS = 20_000;
/** What went wrong names its seed: written here, it goes wrong again. */
const SEED = Math.floor(Math.random() * 1e9);
const names = namesWith("mcp__memory__search");
const streams = recordedStreams();

it("gives every stream back as it was but for the names, however it was cut", async () => {
  const renamed = streams.filter(({ sent, wanted }) => !sent.equals(wanted));

  const fault = await firstFault(() => new EventRewriter(names), CUTS);

  expect(fault).toBeUndefined();
  expect([streams.length, renamed.length]).toEqual([56, 48]);
}, 60_000);

it.each([
  ["for which events end with LF LF only", lfOnly],
  ["that decodes piece by piece", decodingPieces],
  ["that looks at each piece alone", eachAlone],
])("convicts a rewriter %s", async (_, broken) => {
  expect(await firstFault(broken, 500)).toContain("came out otherwise");
});

/** What is wrong with the first stream that comes out otherwise than it should. */
async function firstFault(makeRewriter: () => Transform, cuts: number): Promise<string | undefined> {
  for (let seed = SEED; seed < SEED + cuts; seed += 1) {
    const { name, sent, wanted } = streamFor(seed);
    const out = await through(makeRewriter(), cut(sent, seed));
    if (!out.equals(wanted)) return `${name}, seed ${seed}, came out otherwise: ${out.toString()}`;
  }
  return undefined;
}

function streamFor(seed: number): Stream {
  const stream = streams[seed % streams.length];
  if (stream === undefined) throw new Error("There are no streams");
  return stream;
}

async function through(rewriter: Transform, pieces: readonly Buffer[]): Promise<Buffer> {
  const ended = new Promise((resolve) => rewriter.on("end", resolve));
  const out: Buffer[] = [];
  rewriter.on("data", (piece: Buffer) => out.push(piece));
  for (const piece of pieces) rewriter.write(piece);
  rewriter.end();
  await ended;
  return Buffer.concat(out);
}

/** Divides where it should not: what it holds back is what the last part is. */
function lfOnly(): Transform {
  let held = Buffer.alloc(0);
  const rewritten = (bytes: Buffer) => applied(bytes, eventEdits(bytes, names, { isFirst: true }));
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      held = Buffer.concat([held, piece]);
      for (let end = held.indexOf("\n\n"); end !== -1; end = held.indexOf("\n\n")) {
        this.push(rewritten(held.subarray(0, end + 2)));
        held = held.subarray(end + 2);
      }
      done();
    },
    flush: (done) => done(null, rewritten(held)),
  });
}

/** The right events of bytes that have been through text. */
function decodingPieces(): Transform {
  const rewriter = new EventRewriter(names);
  return new Transform({
    transform: (piece: Buffer, _encoding, done) =>
      void rewriter.write(Buffer.from(piece.toString()), () => done(null, rewriter.read())),
    flush: (done) => void rewriter.end(() => done(null, rewriter.read())),
  });
}

/** Each piece as if it were the whole stream. */
function eachAlone(): Transform {
  return new Transform({
    transform: (piece: Buffer, _encoding, done) =>
      done(null, applied(piece, eventEdits(piece, names, { isFirst: true }))),
  });
}
