import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { JoinFile } from "../access/joins.ts";
import { TokenFile } from "../access/stored-token.ts";
import { readableRoot } from "../backup/backup.ts";
import { assertNoFolderOfBackups } from "../backup/folder-of-backups.ts";
import { storeItems } from "../backup/order/store.ts";
import { backupItems, isBackup, isFolder } from "../backup/source.ts";
import { againstFindings } from "../backup/verify/against.ts";
import { backupFindings, backupStamps } from "../backup/verify/digests.ts";
import { storeExtent, type Extent } from "../backup/verify/extent.ts";
import type { Finding } from "../backup/verify/finding.ts";
import { storeFindings } from "../backup/verify/verify.ts";
import { processGivesWay } from "../threads/priority.ts";
import { counting } from "./counting.ts";

export const VERIFY_USAGE = `federated-memory verify [BACKUP|DIR] [--against BACKUP] [--json]
                                                         whether every archive, version and identity is whole; reads only, beside the running server`;

/** What was found, and in how much of it. */
interface Looked extends Extent {
  findings: Finding[];
}

/** The same for people and scripts. */
interface Verified {
  text: string;
  isWhole: boolean;
}

/** `federated-memory verify …`: MEMORY_ROOT, another store, or a backup. Only damage makes it fail; the rest are notes. */
export async function verify(argv: string[], memoryRoot: string): Promise<Verified> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { against: { type: "string" }, json: { type: "boolean", default: false } },
  });
  const [target = memoryRoot, ...others] = positionals;
  if (others.length > 0) throw new AppError("invalid_input", `Usage:\n${VERIFY_USAGE}`);
  const looked = await lookAt(target, values.against);
  return values.json ? asJson(target, looked) : asText(target, looked);
}

/** A store alone, for people. */
export async function verifyStore(folder: string): Promise<Verified> {
  return asText(folder, await lookAt(folder, undefined));
}

async function lookAt(target: string, against: string | undefined): Promise<Looked> {
  const isStore = isFolder(target);
  if (against !== undefined && !isStore)
    throw new AppError("invalid_input", "--against compares a MEMORY_ROOT with a backup, not a tar", {
      hint: "federated-memory verify [DIR] --against BACKUP",
    });
  assertNoFolderOfBackups(target, (backup) => `federated-memory verify ${backup}`);
  if (against !== undefined)
    assertNoFolderOfBackups(against, (backup) => `federated-memory verify ${target} --against ${backup}`);
  // A server on the same machine answers people meanwhile.
  processGivesWay(process.pid);
  using progress = counting("read");
  const copy = isBackup(target) ? await backupFindings(backupItems(target), progress.saw) : undefined;
  if (copy !== undefined && !isStore) return copy;
  const root = await rootAt(target);
  const findings = copy?.findings ?? [];
  findings.push(...(await storeFindings(root, { tokens: TokenFile, joins: JoinFile })));
  if (against !== undefined)
    findings.push(...(await againstFindings(storeItems(root), await backupStamps(backupItems(against)))));
  return { ...(copy ?? storeExtent(root)), findings };
}

/** Throws `not_found` for what is no store, in the words of somebody who may have meant a backup. */
async function rootAt(target: string): Promise<string> {
  try {
    return await readableRoot(target);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not_found") throw error;
    throw new AppError("not_found", `There is neither a store of a server nor a backup in ${target}`, {
      cause: error,
      hint: "Name a MEMORY_ROOT, or a folder or a tar that `federated-memory backup` made",
    });
  }
}

function asText(target: string, { findings, files, bytes, archives }: Looked): Verified {
  const failed = findings.filter(({ state }) => state === "fail").length;
  const shown = findings.slice(0, LIMITS.backup.findings);
  const lines = shown.map(({ id, state, path, what }) => `${state}  ${id.padEnd(18)}  ${path}: ${what}`);
  const more = findings.length - shown.length;
  const result = failed === 0 ? "nothing is damaged" : `${failed} damaged`;
  const extent = `in ${files} files (${archives} archives of sessions), ${bytes} bytes`;
  const text = [...lines, ...(more > 0 ? [`and ${more} more`] : []), `${target}: ${result} ${extent}`].join(
    "\n",
  );
  return { text, isWhole: failed === 0 };
}

function asJson(target: string, { findings, files, bytes, archives }: Looked): Verified {
  const isWhole = findings.every(({ state }) => state === "note");
  return {
    text: JSON.stringify({ target, whole: isWhole, files, bytes, archives, findings }, null, 2),
    isWhole,
  };
}
