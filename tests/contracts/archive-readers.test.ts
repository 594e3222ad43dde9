import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { rgPath } from "@vscode/ripgrep";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  archivesOf,
  sessionStore,
  upload,
  WORKSPACE,
  type SessionStoreLab,
} from "../support/session-store.ts";
import { tool } from "../support/tool.ts";
import { realTranscript } from "../support/transcripts.ts";

const run = promisify(execFile);
const PYTHON = tool("python3", "python3");
const options = { encoding: "buffer", maxBuffer: 2 ** 28 } as const;

describe("an archive", () => {
  const { bytes, fileId } = realTranscript("01a1fcdb-9b1d");
  let lab: SessionStoreLab;
  let archive: string;

  beforeAll(async () => {
    lab = await sessionStore();
    await lab.store.upload(WORKSPACE, upload(fileId, bytes.subarray(0, 5_000_000)));
    await lab.store.upload(WORKSPACE, upload(fileId, bytes.subarray(5_000_000), { offsetBytes: 5_000_000 }));
    [archive = ""] = await archivesOf(lab);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it.each([
    ["zcat", [] as string[]],
    ["gunzip", ["-c"]],
  ])("is an ordinary file to %s", async (program, args) => {
    const { stdout } = await run(program, [...args, archive], options);

    expect(stdout.equals(bytes)).toBe(true);
  });

  it("is an ordinary stream to browsers", async () => {
    const stream = new Blob([await readFile(archive)]).stream().pipeThrough(new DecompressionStream("gzip"));

    expect((await buffer(stream)).equals(bytes)).toBe(true);
  });

  it("is searched by ripgrep", async () => {
    const { stdout } = await run(
      rgPath,
      ["--no-config", "-z", "--count", "-e", "response_item", archive],
      options,
    );

    expect(Number(stdout.toString())).toBe(
      bytes
        .toString()
        .split("\n")
        .filter((line) => line.includes("response_item")).length,
    );
  });

  it.skipIf(PYTHON === undefined).each([
    ["gzip.open", "gzip.open(sys.argv[1]).read()"],
    ["zlib.decompress", "zlib.decompress(open(sys.argv[1], 'rb').read(), wbits=31)"],
  ])("is read whole by Python's %s", async (_, expression) => {
    const { stdout } = await run(
      PYTHON ?? "",
      ["-c", `import gzip, zlib, sys; sys.stdout.buffer.write(${expression})`, archive],
      options,
    );

    expect(stdout.equals(bytes)).toBe(true);
  });

  it("has one deflate stream from its header to its end", async () => {
    const file = await readFile(archive);
    const headerBytes = 12 + file.readUInt16LE(10);

    expect(inflateRawSync(file.subarray(headerBytes, -8)).equals(bytes)).toBe(true);
  });
});
