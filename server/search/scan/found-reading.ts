import { LIMITS } from "../../../contract/limits.ts";
import type { FoundFile } from "../../index/lookup/knowledge.ts";
import { failureOf } from "./failure.ts";
import type { LiteralTask, Part, Scan } from "./job.ts";
import { scanKnowledge } from "./scan-knowledge.ts";

/**
 * Reads files as soon as the index names them, in the thread that asks it: a page of lines is mostly found in a few, and
 * to send them to other threads would take longer. Gives up where much is read for few lines, which threads do better
 * together.
 */
export class FoundReading {
  readonly #said: Part[][] = [];
  readonly #scan: Scan;
  readonly #task: LiteralTask;
  #wanted: number;
  #roomBytes: number = LIMITS.search.jobBytes;
  #defect: Error | undefined;

  constructor(scan: Scan, task: LiteralTask) {
    this.#scan = scan;
    this.#task = task;
    this.#wanted = task.want;
  }

  /** Reads the file; true when no more are needed. Throws nothing: the index would be taken for damaged. */
  readonly isEnough = (file: FoundFile): boolean => {
    if (this.#defect !== undefined || this.#scan.stopped()) return true;
    try {
      // Each as if it were alone, for others may turn out not to count.
      const parts = partsOfFile(this.#scan, this.#task, file);
      this.#said.push(parts);
      for (const part of parts) if (part.type === "lines") this.#wanted -= part.lines.length;
    } catch (error) {
      this.#defect = error instanceof Error ? error : new Error(String(error));
    }
    this.#roomBytes -= file.sizeBytes;
    return this.#wanted <= 0 || this.#roomBytes <= 0;
  };

  /** What the files hold, in their order; of the last one it may be missing. Throws a defect that came up while they were read. */
  result(): Part[][] {
    if (this.#defect !== undefined) throw this.#defect;
    return this.#said;
  }
}

function partsOfFile(scan: Scan, task: LiteralTask, { workspaceId, path }: FoundFile): Part[] {
  const source = { kind: "knowledge", workspaceId, path: path || undefined, fromLine: 1 } as const;
  try {
    return [...scanKnowledge(scan, task, source, 0)];
  } catch (error) {
    return [failureOf(error, 0)];
  }
}
