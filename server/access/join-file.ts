import { join } from "node:path";
import { Folder } from "../../disk/folder.ts";
import { readJson, setAside, writeJsonGeneration } from "../storage/json-file.ts";
import { LAYOUT } from "../storage/layout.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { JoinFile, type JoinStorage } from "./joins.ts";

/** `_meta/joins.json`, mode 0600. A damaged file is set aside: its codes are lost, and new ones are easily made. */
export function joinStorage(root: string, guard: WriteGuard): JoinStorage {
  return {
    async load() {
      await using meta = await Folder.open(join(root, LAYOUT.meta));
      const read = await readJson(meta, LAYOUT.joins, JoinFile);
      if (read.state === "damaged") await setAside(meta, LAYOUT.joins);
      return read.state === "whole" ? read.value : { joins: [] };
    },
    async save(file) {
      await guard.run(async () => {
        await using meta = await Folder.open(join(root, LAYOUT.meta));
        await writeJsonGeneration(meta, LAYOUT.joins, file);
      });
    },
  };
}
