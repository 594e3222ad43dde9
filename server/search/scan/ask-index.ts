import type { IndexKind } from "../../index/database/places.ts";
import { NoIndex } from "../../index/lookup/reader.ts";
import { LAYOUT } from "../../storage/layout.ts";
import { pathFits } from "../query/file-filter.ts";
import type { AskTask, Part, Scan } from "./job.ts";

/** Asks a part of the index, in a worker. What is not there or damaged says so: then everything has to be read. */
export function* askIndex(scan: Scan, task: AskTask, of: IndexKind, sourceNumber: number): Generator<Part> {
  try {
    if (of === "knowledge") yield { type: "foundFiles", sourceNumber, found: files(scan, task) };
    else yield { type: "foundArchives", sourceNumber, found: archives(scan, task) };
  } catch (error) {
    if (!(error instanceof NoIndex)) throw error;
    yield { type: "noIndex", sourceNumber, reason: error.message, isDamaged: error.isDamaged };
  }
}

function files({ index, filter: { files: names } }: Scan, task: AskTask) {
  const isWanted = (path: string) =>
    names === undefined || pathFits(path === "" ? LAYOUT.overview : path, names);
  return index.knowledge((lookup) =>
    task.kind === "newest" ? lookup.newest(task.ask, isWanted) : lookup.best(task.ask, isWanted),
  );
}

function archives({ index, filter }: Scan, task: AskTask) {
  return index.sessions((lookup) =>
    task.kind === "newest" ? lookup.newest(task.ask, filter) : lookup.best(task.ask, filter),
  );
}
