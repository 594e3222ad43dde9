import { join } from "node:path";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import { readJson, writeJson } from "./json-file.ts";
import { FORMAT, LAYOUT } from "./layout.ts";

const Format = z.object({ format: z.int().min(1) });

/**
 * Makes MEMORY_ROOT ready: its folders and its format number. Changes nothing in a root that is ready. Throws
 * `unavailable` for a newer format and `damaged` when the number cannot be read: guessing it could destroy data.
 */
export async function openRoot(root: string): Promise<void> {
  await makeFolders(join(root, LAYOUT.meta));
  await makeFolders(join(root, LAYOUT.workspaces));
  await using meta = await Folder.open(join(root, LAYOUT.meta));
  if ((await knownFormat(meta)) === "missing") await writeJson(meta, LAYOUT.format, { format: FORMAT });
}

/** Checks the format number of a MEMORY_ROOT without changing anything. Throws as `openRoot` does, and ENOENT where there is none. */
export async function readFormat(root: string): Promise<void> {
  await using meta = await Folder.open(join(root, LAYOUT.meta));
  await knownFormat(meta);
}

async function knownFormat(meta: Folder): Promise<"known" | "missing"> {
  const found = await readJson(meta, LAYOUT.format, Format);
  if (found.state === "damaged")
    throw new AppError("damaged", "_meta/format.json of this MEMORY_ROOT cannot be read", {
      hint: `Restore it from a backup. A MEMORY_ROOT of this version holds {"format": ${FORMAT}}`,
    });
  if (found.state === "whole" && found.value.format > FORMAT) throw tooNew(found.value.format);
  return found.state === "whole" ? "known" : "missing";
}

function tooNew(format: number): AppError {
  return new AppError(
    "unavailable",
    `This MEMORY_ROOT has disk format ${format}; this server knows formats up to ${FORMAT}`,
    { hint: "Start the newer federated-memory that wrote it" },
  );
}
