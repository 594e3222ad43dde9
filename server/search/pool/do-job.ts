import { askIndex } from "../scan/ask-index.ts";
import { failureOf } from "../scan/failure.ts";
import type { Job, Part, Scan, Source, Task } from "../scan/job.ts";
import { listFiles } from "../scan/list-files.ts";
import { scanKnowledge } from "../scan/scan-knowledge.ts";
import { RawHint } from "../scan/raw-hint.ts";
import { scanSession, type SessionScan } from "../scan/scan-session.ts";

/** What a thread has for all its jobs. */
export type Means = Pick<Scan, "root" | "index">;

/** Does a job in this thread. Checks `stopped` again and again; what was reached by then is said before the end. */
export async function* doJob(
  means: Means,
  { task, filter, sources }: Job,
  stopped: () => boolean,
): AsyncGenerator<Part> {
  const scan = { ...means, filter, stopped, hint: new RawHint(task, filter) };
  let wanted = task.kind === "literal" ? task.want : Infinity;
  for (const [sourceNumber, source] of sources.entries()) {
    if (stopped()) return;
    const rest = task.kind === "literal" ? { ...task, want: wanted } : task;
    for await (const part of readable(doSource(scan, rest, source, sourceNumber), sourceNumber)) {
      if (part.type === "lines") wanted -= part.lines.length;
      yield part;
      if (wanted <= 0) return;
    }
  }
}

function doSource(
  scan: SessionScan,
  task: Task,
  source: Source,
  sourceNumber: number,
): AsyncIterable<Part> | Iterable<Part> {
  if (task.kind === "newest" || task.kind === "best") {
    if (source.kind === "index") return askIndex(scan, task, source.of, sourceNumber);
  } else if (task.kind === "list") {
    if (source.kind === "workspace") return listFiles(scan, task.words, source, sourceNumber);
  } else if (source.kind === "knowledge") return scanKnowledge(scan, task, source, sourceNumber);
  else if (source.kind === "session") return scanSession(scan, task, source, sourceNumber);
  throw new Error(`no way to ${task.kind} a ${source.kind}`);
}

/** What a failure to read says is said instead. */
async function* readable(
  parts: AsyncIterable<Part> | Iterable<Part>,
  sourceNumber: number,
): AsyncGenerator<Part> {
  try {
    yield* parts;
  } catch (error) {
    yield failureOf(error, sourceNumber);
  }
}
