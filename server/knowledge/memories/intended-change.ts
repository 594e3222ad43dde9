import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { mapSettled } from "../../../disk/bounded.ts";
import { isErrno } from "../../../disk/errno.ts";
import type { MemoryBytes } from "../../../memory-tool/files.ts";
import { removeEmptyFolders } from "../empty-folders.ts";
import { dropIntent, readIntent, writeIntent, type Move, type Step } from "./intent.ts";
import { readMemory } from "./memory-file.ts";
import { Place } from "../place.ts";
import { tidy } from "../tidy.ts";
import { deleteVersioned, writeVersioned } from "../versioned-write.ts";

/** Where and when memories change, and who is told. */
export interface MemoriesAt {
  readonly root: string;
  readonly workspaceId: string;
  readonly now: Date;
  readonly log: ChangeLog;
  /** Is told of each memory that came, went or was changed, with what that adds to the counts. */
  readonly changed: (path: string, added: { files: number; bytes: number }) => void;
}

/** Where the owner of the server is told what needs him. */
export interface ChangeLog {
  warn(facts: object, message: string): void;
}

/** A memory that an intent could not move or delete, because a person did something there meanwhile. */
export interface Left {
  path: string;
  /** `taken`: something lies at its new address. `changed`: it is not any more what it was. */
  because: "taken" | "changed";
}

/** A memory to delete: with `sha256` only if that is still its digest. */
interface Leaving {
  path: string;
  sha256?: string;
}

/**
 * Moves and deletes several memories as one, and gives those that a person's work there kept it from. The intent on the
 * disk is the commit point: what fails afterwards, and a crash at any moment, is completed by `finishIntent`. First all new
 * files are there, then the old ones go, so that nothing is missing at any moment. One caller per workspace at a time.
 */
export async function carryOut(at: MemoriesAt, steps: readonly Step[]): Promise<readonly Left[]> {
  await writeIntent(at.root, at.workspaceId, steps);
  return complete(at, steps);
}

/** Completes what an interrupted `carryOut` began, if there is such a thing. Before every other change of the memories. */
export async function finishIntent(at: MemoriesAt): Promise<void> {
  const { root, workspaceId, log } = at;
  const intent = await readIntent(root, workspaceId);
  if (intent === undefined) return;
  if ("steps" in intent) await complete(at, intent.steps);
  else log.warn({ workspaceId, aside: intent.aside }, "an intent of memories is damaged; it was set aside");
}

/** As `finishIntent`, but a full disk, or a link in the place of a folder, is no reason not to start. */
export async function finishAtStart(at: MemoriesAt): Promise<void> {
  try {
    await finishIntent(at);
  } catch (error) {
    if (!(error instanceof AppError || isErrno(error, "ENOSPC", "EDQUOT"))) throw error;
    at.log.warn(
      { workspaceId: at.workspaceId, err: error },
      "a change of memories could not be completed yet",
    );
  }
}

async function complete(at: MemoriesAt, steps: readonly Step[]): Promise<readonly Left[]> {
  const moves = steps.filter((step) => "from" in step);
  const moved = await mapSettled(moves, LIMITS.concurrency.fileReads, (move) => copyToNewPlace(at, move));
  const leaving: Leaving[] = steps.flatMap((step) => ("delete" in step ? { path: step.delete } : []));
  for (const copy of moved) if (copy !== undefined && !("because" in copy)) leaving.push(copy);
  const removed = await mapSettled(leaving, LIMITS.concurrency.fileReads, (one) => remove(at, one));
  await tidy(removeFolders(at, steps));
  await dropIntent(at.root, at.workspaceId);
  return told(
    at,
    [...moved, ...removed].flatMap((one) => (one !== undefined && "because" in one ? one : [])),
  );
}

/** Gives the old memory, which may go now; undefined when it is gone already. */
async function copyToNewPlace(at: MemoriesAt, { from, to }: Move): Promise<Leaving | Left | undefined> {
  let because: Left["because"] = "changed";
  try {
    const source = await readMemory(Place.of(at.root, at.workspaceId, from));
    if (source === undefined) return undefined;
    because = "taken";
    await writeCopy(at, to, source);
    return { path: from, sha256: source.sha256 };
  } catch (error) {
    if (error instanceof AppError) return { path: from, because };
    throw error;
  }
}

/** Makes the copy, unless a try before did; then it is only made durable. Throws `conflict` where something else is. */
async function writeCopy(at: MemoriesAt, to: string, { bytes, sha256 }: MemoryBytes): Promise<void> {
  const place = Place.of(at.root, at.workspaceId, to);
  const there = await readMemory(place);
  const expectedSha256 = there === undefined ? "" : sha256;
  const { status } = await writeVersioned(place, bytes, { now: at.now, expectedSha256 });
  if (status === "created") at.changed(to, { files: 1, bytes: bytes.length });
}

async function remove(at: MemoriesAt, { path, sha256 }: Leaving): Promise<Left | undefined> {
  const place = Place.of(at.root, at.workspaceId, path);
  try {
    const { bytesBefore } = await deleteVersioned(place, { now: at.now, expectedSha256: sha256 });
    at.changed(path, { files: -1, bytes: -bytesBefore });
    return undefined;
  } catch (error) {
    // A person deleted it meanwhile.
    if (isErrno(error, "ENOENT")) return undefined;
    if (!(error instanceof AppError)) throw error;
    return error.code === "not_found" ? undefined : { path, because: "changed" };
  }
}

/** One memory of each folder is enough; deep folders first, so that those above them are empty then. */
async function removeFolders({ root, workspaceId }: MemoriesAt, steps: readonly Step[]): Promise<void> {
  const paths = steps.map((step) => ("from" in step ? step.from : step.delete));
  const oneOfEach = new Map(paths.map((path) => [path.slice(0, path.lastIndexOf("/")), path]));
  const deepFirst = [...oneOfEach].sort(([a], [b]) => b.length - a.length);
  for (const [, path] of deepFirst) await removeEmptyFolders(root, workspaceId, path);
}

function told({ log, workspaceId }: MemoriesAt, left: readonly Left[]): readonly Left[] {
  if (left.length > 0)
    log.warn(
      { workspaceId, files: left.length },
      "memories stay where they are: people changed them meanwhile",
    );
  return left;
}
