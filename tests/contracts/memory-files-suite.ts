import { expect, it } from "vitest";
import type { MemoryFiles } from "../../memory-tool/files.ts";

/** A store of memories under test, empty at first; `folder` is where its files lie, if they lie on a disk. */
export interface OpenedMemories extends AsyncDisposable {
  files: MemoryFiles;
  folder?: string;
}

/** What every store of memories does, as tests of the group around the call. */
export function memoryFilesCases(open: () => Promise<OpenedMemories>): void {
  it("creates a file with the folders above it, and reads its bytes", async () => {
    await using opened = await open();
    const { files } = opened;

    expect(await files.create("a/b/c.md", Buffer.from("caf\u00e9\r\n"))).toBe("done");

    expect((await files.read("a/b/c.md"))?.bytes).toEqual(Buffer.from("caf\u00e9\r\n"));
    expect(await files.look("a/b")).toBe("folder");
    expect(await files.look("a/b/c.md")).toBe("file");
    expect(await files.look("a/b/c")).toBe(undefined);
  });
}
