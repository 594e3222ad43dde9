import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { readWhole, replaceFile } from "../../disk/atomic-file.ts";
import { isErrno } from "../../disk/errno.ts";
import { Folder } from "../../disk/folder.ts";
import { LAYOUT } from "./layout.ts";

const KEY_BYTES = 32;

/** The key that bindings are signed with; made once, mode 0600. Removing the file ends every binding. */
export async function bindingKey(root: string): Promise<Buffer> {
  await using meta = await Folder.open(join(root, LAYOUT.meta));
  try {
    await using handle = await meta.openFile(LAYOUT.bindingKey);
    const key = await readWhole(handle, KEY_BYTES);
    if (key?.length === KEY_BYTES) return key;
    throw new AppError("damaged", `_meta/${LAYOUT.bindingKey} is not ${KEY_BYTES} bytes`, {
      hint: "Restore it from a backup, or remove it: AIs then register again",
    });
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  const key = randomBytes(KEY_BYTES);
  await replaceFile(meta, LAYOUT.bindingKey, key);
  return key;
}
