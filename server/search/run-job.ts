import { lstatSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../contract/errors.ts";
import { isErrno } from "../../disk/errno.ts";
import { LAYOUT } from "../storage/layout.ts";
import { END, type Job, type Part, type Scan, type Source, type Task } from "./job.ts";
import { scanKnowledge } from "./scan-knowledge.ts";
import { scanSession } from "./scan-session.ts";

/** Does a job in this thread. Checks `stopped` again and again; what was reached by then is said before the end. */
export async function* runJob(
  root: string,
  { task, filter, sources }: Job,
  stopped: () => boolean,
): AsyncGenerator<Part> {
  const scan = { root, filter, stopped };
  let wanted = task.kind === "literal" ? task.want : Infinity;
  for (const [index, source] of sources.entries()) {
    if (stopped() || wanted <= 0) return;
    for await (const part of readable(runSource(scan, task, source, index), index)) {
      if (part.type === "lines") wanted -= part.lines.length;
      yield part;
      if (wanted <= 0) return;
    }
  }
}

function runSource(scan: Scan, task: Task, source: Source, index: number): AsyncGenerator<Part> {
  if (task.kind === "modified") return modified(scan, source, index);
  if (source.kind === "knowledge") return scanKnowledge(scan, task, source, index);
  return scanSession(scan, task, source, index);
}

/** A document that is gone, or is a link, has no lines; one that cannot be read is said to be so. */
async function* readable(parts: AsyncGenerator<Part>, source: number): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch (error) {
    if (isErrno(error, "ENOENT") || (error instanceof AppError && error.code !== "damaged"))
      yield { type: "reached", source, line: END };
    else if (
      error instanceof AppError ||
      isErrno(error, "EACCES", "EIO", "EMFILE", "ENFILE") ||
      isZlibError(error)
    )
      yield { type: "unreadable", source };
    else throw error;
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

// oxlint-disable-next-line require-yield -- one part is all there is
async function* modified({ root }: Scan, source: Source, index: number): AsyncGenerator<Part> {
  if (source.kind !== "knowledge") return;
  const inner = source.path === undefined ? [LAYOUT.overview] : [LAYOUT.knowledge, ...source.path.split("/")];
  const stats = lstatSync(join(root, LAYOUT.workspaces, source.workspaceId, ...inner), {
    throwIfNoEntry: false,
  });
  if (stats?.isFile() === true)
    yield { type: "modified", source: index, timeMs: Math.floor(stats.mtimeMs), sizeBytes: stats.size };
}
