import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSized, readWhole } from "../../disk/atomic-file.ts";
import { tempFolder } from "../support/temp-folder.ts";

const TEXT = "0123456789";

async function opened(text: string) {
  const folder = await tempFolder();
  const path = join(folder.path, "file");
  await writeFile(path, text);
  const handle = await open(path);
  return {
    handle,
    async [Symbol.asyncDispose]() {
      await handle.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("reading a whole file", () => {
  it.each([
    ["as long as it was", TEXT.length],
    ["longer by now", 3],
    ["longer by one byte", TEXT.length - 1],
    ["shorter by now", 20],
    ["empty before", 0],
  ])("gives all of it when it is %s", async (_, sizeBytes) => {
    await using file = await opened(TEXT);

    const bytes = await readSized(file.handle, { sizeBytes, limitBytes: 100 });

    expect(bytes?.toString()).toBe(TEXT);
  });

  it("gives nothing of one that is longer than the limit, or became so", async () => {
    await using file = await opened(TEXT);

    const known = await readSized(file.handle, { sizeBytes: TEXT.length, limitBytes: 9 });
    const grown = await readSized(file.handle, { sizeBytes: 3, limitBytes: 9 });

    expect([known, grown]).toEqual([undefined, undefined]);
  });

  it.each(["", TEXT])("asks for the size itself: %j", async (text) => {
    await using file = await opened(text);

    const bytes = await readWhole(file.handle, TEXT.length);

    expect(bytes?.toString()).toBe(text);
  });
});
