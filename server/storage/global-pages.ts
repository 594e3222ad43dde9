import { readFile } from "node:fs/promises";
import { readWhole, replaceFile } from "../../disk/atomic-file.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { LAYOUT } from "./layout.ts";

/** The owner's README.md and INDEX.md under MEMORY_ROOT. */
export class GlobalPages {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Writes the shipped pages where the owner has none. `contentFolder` holds README.md and INDEX.md. */
  async seed(contentFolder: URL): Promise<void> {
    await using folder = await Folder.open(this.#root);
    const present = new Set(await folder.names());
    for (const name of [LAYOUT.globalReadme, LAYOUT.globalIndex])
      if (!present.has(name)) await replaceFile(folder, name, await readFile(new URL(name, contentFolder)));
  }

  async read(): Promise<{ readme: string; index: string }> {
    await using folder = await Folder.open(this.#root);
    return { readme: await page(folder, LAYOUT.globalReadme), index: await page(folder, LAYOUT.globalIndex) };
  }
}

/** A page's text; empty when the owner removed it, said when it is too long. */
async function page(folder: Folder, name: string): Promise<string> {
  try {
    await using handle = await folder.openFile(name);
    const data = await readWhole(handle, LIMITS.overview.fileBytes);
    return (
      data?.toString("utf8") ?? `(${name} is longer than ${LIMITS.overview.fileBytes} bytes and is not shown)`
    );
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    if (error instanceof AppError || isErrno(error, "EACCES", "EPERM", "EISDIR"))
      return `(${name} cannot be read)`;
    throw error;
  }
}
