import { AppError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import { documentFault } from "../../../contract/memory-prefix.ts";
import { mapBounded } from "../../../disk/bounded.ts";
import { unlessMissing } from "../../../disk/errno.ts";
import type { WriteGuard } from "../../storage/write-guard.ts";
import { documentPathOf } from "../area.ts";
import { assertNoCollision } from "../collision.ts";
import { openCurrent } from "../current-file.ts";
import { carryOut, type Left, type MemoriesAt } from "./intended-change.ts";
import { readIntent, type Move, type Step } from "./intent.ts";
import { removeEmptyTree, treeOf, type MemoryTree } from "./memory-tree.ts";
import { tooLarge } from "./memory-file.ts";
import { Place } from "../place.ts";

/** Deletes a folder of memories with all below it, `""` for all there are. Throws `conflict` when it holds what is not ours. */
export async function removeFolder(at: MemoriesAt, guard: WriteGuard, path: string): Promise<void> {
  const tree = await ownTree(at, path);
  const steps = tree.files.map((file) => ({ delete: documentPathOf(file.path) }));
  const left = await inOne(at, steps, (work) => guard.run(work));
  await removeEmptyTree(at.root, at.workspaceId, { path, tree });
  if (left.length > 0) throw changedMeanwhile(left.length, steps.length);
}

/** Gives a file its new path. `exists` when a person was there first, `missing` when one took it away. The rest as `moveFolder`. */
export async function moveFile(
  at: MemoriesAt,
  guard: WriteGuard,
  move: { from: string; to: string },
): Promise<"done" | "exists" | "missing"> {
  const { root, workspaceId } = at;
  const present = await unlessMissing(Place.of(root, workspaceId, documentPathOf(move.from)).look());
  if (present === undefined) return "missing";
  const [left] = await moveAll(at, guard, [{ ...move, bytes: Number(present.size) }]);
  if (left?.because === "changed") throw changedMeanwhile(1, 1);
  return left === undefined ? "done" : "exists";
}

/**
 * Gives every file below a folder its new path. Throws `conflict` for names that cannot be there and for what is not
 * ours, `too_large` for files that no memory may be; then nothing was moved.
 */
export async function moveFolder(
  at: MemoriesAt,
  guard: WriteGuard,
  { from, to }: { from: string; to: string },
): Promise<void> {
  const tree = await ownTree(at, from);
  if (tree.files.length === 0) throw conflict(`"${documentPathOf(from)}" holds no file that could be moved`);
  const moves = tree.files.map(({ path, bytes }) => {
    return { from: path, to: `${to}${path.slice(from.length)}`, bytes };
  });
  const left = await moveAll(at, guard, moves);
  await removeEmptyTree(at.root, at.workspaceId, { path: from, tree });
  if (left.length > 0) throw changedMeanwhile(left.length, moves.length);
}

async function moveAll(
  at: MemoriesAt,
  guard: WriteGuard,
  moves: readonly (Move & { bytes: number })[],
): Promise<readonly Left[]> {
  const steps = moves.map(({ from, to }) => ({ from: documentPathOf(from), to: documentPathOf(to) }));
  for (const { from, bytes } of moves)
    if (bytes > LIMITS.memories.imageBytes) throw tooLarge(documentPathOf(from));
  await mapBounded(steps, LIMITS.concurrency.fileReads, ({ to }) => assertMayBe(at, to));
  const bytes = moves.reduce((sum, move) => sum + move.bytes, 0);
  return inOne(at, steps, (work) => guard.write(bytes, work));
}

/** The tree, once it is certain that every file in it can be deleted. */
async function ownTree(at: MemoriesAt, path: string): Promise<MemoryTree> {
  const { root, workspaceId } = at;
  const tree = await treeOf(root, workspaceId, path);
  if (tree.hasOthers)
    throw conflict(`"${documentPathOf(path)}" holds a link, or a file whose name no memory can have`);
  await mapBounded(tree.files, LIMITS.concurrency.fileReads, async (file) => {
    await using _current = await openCurrent(Place.of(root, workspaceId, documentPathOf(file.path)));
  });
  return tree;
}

async function assertMayBe({ root, workspaceId }: MemoriesAt, path: string): Promise<void> {
  const fault = documentFault(path);
  if (fault !== undefined) throw conflict(`"${path}" cannot be: ${fault}`);
  await assertNoCollision(root, workspaceId, path);
}

/** Carries the steps out as one change; says so when that was only begun. */
async function inOne(
  at: MemoriesAt,
  steps: readonly Step[],
  guarded: (work: () => Promise<readonly Left[]>) => Promise<readonly Left[]>,
): Promise<readonly Left[]> {
  if (steps.length === 0) return [];
  try {
    return await guarded(() => carryOut(at, steps));
  } catch (error) {
    if (error instanceof AppError && (await readIntent(at.root, at.workspaceId)) !== undefined)
      throw onlyBegun(error);
    throw error;
  }
}

function onlyBegun(error: AppError): AppError {
  return new AppError(
    error.code,
    "The server's disk stopped the change after it was begun; it is completed with the next change of a memory, or when the server starts",
    { cause: error, hint: "Free space on the server; nothing has to be done again" },
  );
}

function changedMeanwhile(left: number, all: number): AppError {
  return new AppError(
    "conflict",
    `People changed ${left} of ${all} files meanwhile; these were left as they are`,
    {
      hint: "View the folder again",
    },
  );
}

function conflict(message: string): AppError {
  return new AppError("conflict", message, { hint: "Choose another path, or ask the owner of the server" });
}
