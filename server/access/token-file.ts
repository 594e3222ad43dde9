import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { Folder } from "../../disk/folder.ts";
import { readJson, writeJson, writeJsonGeneration } from "../storage/json-file.ts";
import { LAYOUT } from "../storage/layout.ts";
import type { WriteGuard } from "../storage/write-guard.ts";
import { TokenFile, type TokenStorage } from "./stored-token.ts";

/** `_meta/tokens.json`, mode 0600. A damaged file stops the start: serving without it would bring revoked tokens back. */
export function tokenStorage(root: string, guard: WriteGuard): TokenStorage {
  return {
    async load() {
      await using meta = await Folder.open(join(root, LAYOUT.meta));
      const read = await readJson(meta, LAYOUT.tokens, TokenFile);
      if (read.state === "damaged")
        throw new AppError("damaged", `_meta/${LAYOUT.tokens} cannot be read`, {
          hint: `Restore it from _meta/${LAYOUT.tokens}.1 or a backup; removing it ends every named token`,
        });
      return read.state === "missing" ? { tokens: [] } : read.value;
    },
    async save(file, { keepEarlier }) {
      await guard.run(async () => {
        await using meta = await Folder.open(join(root, LAYOUT.meta));
        await (keepEarlier ? writeJsonGeneration : writeJson)(meta, LAYOUT.tokens, file);
      });
    },
  };
}
