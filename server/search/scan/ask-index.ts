import type { IndexKind } from "../../index/database/places.ts";
import { NoIndex } from "../../index/lookup/reader.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { pathFits } from "../query/file-filter.ts";
import { FoundReading } from "./found-reading.ts";
import type { AskTask, Part, Scan } from "./job.ts";

/** Asks a part of the index, in a worker. What is not there or damaged says so: then everything has to be read. */
export function* askIndex(scan: Scan, task: AskTask, of: IndexKind, sourceNumber: number): Generator<Part> {
  try {
    if (of === "knowledge") yield files(scan, task, sourceNumber);
    else yield { type: "foundArchives", sourceNumber, found: archives(scan, task) };
  } catch (error) {
    if (!(error instanceof NoIndex)) throw error;
    yield { type: "noIndex", sourceNumber, reason: error.message, isDamaged: error.isDamaged };
  }
}

function files(scan: Scan, task: AskTask, sourceNumber: number): Part {
  const { index, filter } = scan;
  const { files: names } = filter;
  const isWanted = (path: string) =>
    names === undefined || pathFits(path === "" ? LAYOUT.overview : path, names);
  if (task.kind === "best") {
    const found = index.knowledge((lookup) => lookup.best(task.ask, isWanted));
    return { type: "foundFiles", sourceNumber, found, said: [] };
  }
  const { ask, read } = task;
  const reading = read && new FoundReading(scan, read);
  const found = index.knowledge((lookup) => lookup.newest(ask, isWanted, reading?.isEnough));
  return { type: "foundFiles", sourceNumber, found, said: reading?.result() ?? [] };
}

function archives({ index, filter }: Scan, task: AskTask) {
  return index.sessions((lookup) =>
    task.kind === "newest" ? lookup.newest(task.ask, filter) : lookup.best(task.ask, filter),
  );
}
