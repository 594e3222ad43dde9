import { parseArgs } from "node:util";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { backup as makeBackup } from "../backup/backup.ts";
import { isLostPlace } from "../backup/lost-place.ts";
import { backupTar } from "../backup/tar/backup-tar.ts";
import { VERSION } from "../version.ts";
import { counting } from "./counting.ts";

export const BACKUP_USAGE = `federated-memory backup DIR [--keep 14] [--json]         a copy of all there is, beside the running server; of each of 14 days the newest stays
federated-memory backup --tar FILE|-                     the same as one tar file`;

/** What a backup was made of, as the command tells it. */
interface Told {
  folder?: string;
  files: number;
  bytes: number;
  skipped: string[];
  renewed?: string[];
  removed?: string[];
}

/** What to say (nothing where the output is the tar itself), and whether all of the store's own places could be copied. */
interface BackedUp {
  text: string | undefined;
  isWhole: boolean;
}

/** `federated-memory backup …`: a copy of the whole store, whether a server runs or not. */
export async function backup(argv: string[], memoryRoot: string): Promise<BackedUp> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      keep: { type: "string" },
      tar: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const [into, ...others] = positionals;
  const { tar, keep } = values;
  if (others.length > 0 || (into === undefined) === (tar === undefined))
    throw new AppError("invalid_input", `Usage:\n${BACKUP_USAGE}`);
  if (tar !== undefined) assertFitTar(tar, values);
  using progress = counting("backed up");
  const common = { memoryRoot, version: VERSION, progress: progress.saw };
  const made: Told =
    into === undefined
      ? await backupTar({ ...common, to: tar === "-" ? process.stdout : String(tar) })
      : await makeBackup({ ...common, into, keepDays: daysOf(keep) });
  const isWhole = !made.skipped.some(isLostPlace);
  if (tar === "-") {
    process.stderr.write(made.skipped.map((path) => `${leftOut(path)}\n`).join(""));
    return { text: undefined, isWhole };
  }
  return { text: values.json ? JSON.stringify(made, null, 2) : told(made, into ?? String(tar)), isWhole };
}

/** An option that a tar cannot heed is refused: else it would look heeded. */
function assertFitTar(tar: string, { keep, json }: { keep?: string | undefined; json: boolean }): void {
  if (keep !== undefined)
    throw new AppError("invalid_input", "--keep is for the backups in a folder; a tar is one file");
  if (tar === "-" && json)
    throw new AppError("invalid_input", "--json: with --tar - the output is the tar itself");
}

function told({ folder, files, bytes, skipped, renewed = [], removed = [] }: Told, into: string): string {
  return [
    `${folder ?? into}  ${files} files, ${bytes} bytes`,
    ...renewed.map((path) => `copied anew  ${path}: damaged in the backup before`),
    ...removed.map((name) => `removed  ${name}`),
    ...skipped.map(leftOut),
  ].join("\n");
}

function leftOut(path: string): string {
  return `left out  ${path}: a link, a device, or a name that is no Unicode`;
}

function daysOf(keep: string | undefined): number {
  if (keep === undefined) return LIMITS.backup.keepDays;
  if (/^[1-9]\d{0,4}$/.test(keep)) return Number(keep);
  throw new AppError("invalid_input", "--keep: for how many days, from 1");
}
