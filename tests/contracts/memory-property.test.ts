import { describe, expect, it } from "vitest";
import { MemoryModel, openModel } from "../support/memory-model.ts";
import { agreesWithModel, memoryPropertyCases } from "./memory-property-suite.ts";

/** A store that does to what is in the way what rename(2) does. */
class Overwriting extends MemoryModel {
  override async rename(from: string, to: string): Promise<"done" | "missing" | "exists"> {
    if ((await this.look(from)) === "file" && (await this.look(to)) === "file" && from !== to)
      await this.remove(to);
    return super.rename(from, to);
  }
}

/** A store that forgets what lies below a folder of folders. */
class Shallow extends MemoryModel {
  override async remove(path: string): Promise<"done" | "missing"> {
    const lost = [...this.files.keys()].filter(
      (name) => name.startsWith(`${path}/`) && name.split("/").length > 2,
    );
    const kept = lost.map((name) => [name, this.files.get(name)] as const);
    const result = await super.remove(path);
    for (const [name, bytes] of kept) if (bytes !== undefined) this.files.set(name, bytes);
    return result;
  }
}

describe("the comparison of a store with the model", () => {
  memoryPropertyCases(openModel, { runs: 100 });

  it.each([
    ["renames onto what exists", Overwriting],
    ["deletes only the upper levels of a folder", Shallow],
  ])("convicts a store that %s", async (_, Store) => {
    const open = () =>
      Promise.resolve({ files: new Store(), [Symbol.asyncDispose]: () => Promise.resolve() });

    await expect(agreesWithModel(open, { runs: 500, seed: 1 })).rejects.toThrow("Property failed");
  });
});
