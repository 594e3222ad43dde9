import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "./random.ts";

/** Answers as the API sends them; `{{memory|mcp__memory__…}}` is a name as it was sent, and as the client is to get it. */
const FOLDER = join(import.meta.dirname, "../fixtures/proxy");
const NAME = /\{\{(\w+)\|(\w+)\}\}/g;

/** What ends the lines of a stream, one after the other where there are several: no LF comes next after a CR, for they would be one end. */
const LINE_ENDS = [["\n"], ["\r\n"], ["\r"], ["\r\n", "\n", "\r"]];

/** One stream as it is sent, and as the client is to get it. */
export interface Stream {
  name: string;
  sent: Buffer;
  wanted: Buffer;
}

/** Every recorded stream with each kind of line ends, with and without a byte order mark. */
export function recordedStreams(): Stream[] {
  return readdirSync(FOLDER).flatMap((file) => {
    const text = readFileSync(join(FOLDER, file), "utf8");
    return LINE_ENDS.flatMap((ends) =>
      ["", "\ufeff"].map((mark) => streamOf(file, mark + withEnds(text, ends))),
    );
  });
}

/** The pieces in which a stream arrives: of some seeds single bytes, of some small pieces, of most large ones among them. */
export function cut(bytes: Buffer, seed: number): Buffer[] {
  const chance = random(seed);
  const longest = [1, 3, 40, 700][chance.integer(0, 9)] ?? 4096;
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieces.at(-1)?.length ?? 1) {
    const length = chance.next() < 0.2 ? 1 : chance.integer(1, longest);
    pieces.push(bytes.subarray(at, at + length));
  }
  return pieces;
}

function streamOf(file: string, text: string): Stream {
  const name = `${file} ${JSON.stringify(text.slice(0, 60))}`;
  return {
    name,
    sent: Buffer.from(text.replaceAll(NAME, "$1")),
    wanted: Buffer.from(text.replaceAll(NAME, "$2")),
  };
}

function withEnds(text: string, ends: readonly string[]): string {
  let line = 0;
  return text.replaceAll("\n", () => ends[line++ % ends.length] ?? "\n");
}
