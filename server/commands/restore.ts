import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { assertNoFolderOfBackups } from "../backup/folder-of-backups.ts";
import { backupItems } from "../backup/source.ts";
import { restore as restoreBackup } from "../backup/restore.ts";
import { counting } from "./counting.ts";
import { verifyStore } from "./verify.ts";

export const RESTORE_USAGE = `federated-memory restore BACKUP --into DIR [--verify]     a new store from a backup (a folder or a tar); DIR is missing or empty`;

/** `federated-memory restore …`. Gives what to say, and whether the new store was found whole. */
export async function restore(argv: string[]): Promise<{ text: string; isWhole: boolean }> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { into: { type: "string" }, verify: { type: "boolean", default: false } },
  });
  const [from, ...others] = positionals;
  const { into } = values;
  if (from === undefined || into === undefined || others.length > 0)
    throw new AppError("invalid_input", `Usage:\n${RESTORE_USAGE}`);
  assertNoFolderOfBackups(from, (backup) => `federated-memory restore ${backup} --into ${into}`);
  const { folder, files, bytes, madeAt } = await copied(from, into);
  const restored = `${folder}  ${files} files, ${bytes} bytes, as of ${madeAt}`;
  const checked = values.verify ? await verifyStore(folder) : undefined;
  const next = [
    `Start the server with MEMORY_ROOT=${folder}; the folder must belong to the user that runs it.`,
    "Then, on every machine: memory-sync sync --recheck   (sends again what came after the backup)",
    `Machines that joined after ${madeAt} must join again: federated-memory join --machine NAME`,
    "Tokens revoked since then are valid again: federated-memory token list",
  ];
  return {
    text: [restored, ...(checked === undefined ? [] : [checked.text]), ...next].join("\n"),
    isWhole: checked?.isWhole ?? true,
  };
}

async function copied(from: string, into: string) {
  using progress = counting("restored");
  return await restoreBackup({ items: backupItems(from), into, progress: progress.saw });
}
