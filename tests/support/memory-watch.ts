import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Looks fifty times a second at how much memory processes have, and at how many files of a folder they hold open: those may
 * have no name any more.
 */
export class MemoryWatch {
  looks = 0;
  readonly #pids: readonly number[];
  readonly #folder: string;
  readonly #before: number[];
  readonly #most: number[];
  readonly #timer: NodeJS.Timeout;
  #files = 0;

  constructor(pids: readonly number[], folder: string) {
    this.#pids = pids;
    this.#folder = folder;
    this.#before = pids.map(residentBytes);
    this.#most = [...this.#before];
    this.#timer = setInterval(() => this.#look(), 20);
  }

  end(): { grownBytes: number[]; files: number } {
    clearInterval(this.#timer);
    return { grownBytes: this.#most.map((most, at) => most - (this.#before[at] ?? 0)), files: this.#files };
  }

  #look(): void {
    this.looks += 1;
    for (const [at, pid] of this.#pids.entries())
      this.#most[at] = Math.max(this.#most[at] ?? 0, residentBytes(pid));
    const open = this.#pids.flatMap(openFiles).filter((path) => path.startsWith(`${this.#folder}/`));
    this.#files = Math.max(this.#files, open.length);
  }
}

function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
