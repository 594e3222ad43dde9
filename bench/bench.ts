import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { CACHE } from "./cache.ts";
import { corpusOf, type Corpus } from "./corpora.ts";
import { builtIndex, dropForeignIndex, type IndexBuild } from "./index-build.ts";
import type { Finding } from "./measure/finding.ts";
import { MemoryServer } from "./programs/memory-server.ts";
import type { Sizes } from "./sizes.ts";

/** What the report says of a row beside its numbers. */
export interface RowHead {
  /** As it is asked for on the command line. */
  name: string;
  /** What is measured. */
  title: string;
  /** What it is compared with. */
  baseline: string;
  /** Why it falls short, as far as is known, and what was tried. Printed only if it does. */
  remark: string;
}

/** One row of the target table. */
export interface Row extends RowHead {
  run(bench: Bench): Promise<Finding[]>;
}

/** Which generated documents; `sizes.ts` says how many. */
export type CorpusName = "large" | "small" | "smallest";

/** What the rows of one run share. At most one server runs at a time, so that none disturbs another's measurement. */
export class Bench implements AsyncDisposable {
  readonly sizes: Sizes;
  readonly progress: (text: string) => void;
  /** How the indexes of the corpora that were served were built. */
  readonly builds = new Map<CorpusName, IndexBuild | undefined>();
  readonly corpora = new Map<CorpusName, Corpus>();
  /** Why a corpus cannot be served. Building an index again for every row would take hours. */
  readonly #failures = new Map<CorpusName, unknown>();
  #running: { corpus: CorpusName; server: MemoryServer } | undefined;

  constructor(sizes: Sizes, progress: (text: string) => void) {
    this.sizes = sizes;
    this.progress = progress;
  }

  async corpus(name: CorpusName): Promise<Corpus> {
    const known = this.corpora.get(name);
    if (known !== undefined) return known;
    this.progress(`corpus ${name}: generating, unless it is cached`);
    const corpus = await corpusOf(`${this.sizes.label}-${name}`, this.sizes[name]);
    this.corpora.set(name, corpus);
    return corpus;
  }

  /** The server of a corpus, its index whole. It runs until another is asked for. Throws again what it once threw. */
  async server(name: CorpusName): Promise<MemoryServer> {
    if (this.#running?.corpus === name) return this.#running.server;
    if (this.#failures.has(name)) throw this.#failures.get(name);
    const corpus = await this.corpus(name);
    await this.quiet();
    await dropForeignIndex(corpus);
    const server = await MemoryServer.start(corpus.root);
    this.#running = { corpus: name, server };
    try {
      this.builds.set(name, await builtIndex(corpus, server, this.progress));
    } catch (error) {
      // Else the next row would measure an index that lacks something.
      this.#failures.set(name, error);
      await this.quiet();
      throw error;
    }
    return server;
  }

  /** Stops the server that runs, if one does. */
  async quiet(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.server.stop();
  }

  /** An empty folder on the disk of the cache that removes itself. */
  async scratch(): Promise<{ path: string } & AsyncDisposable> {
    await mkdir(CACHE, { recursive: true });
    const path = await mkdtemp(join(CACHE, "scratch-"));
    return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.server[Symbol.asyncDispose]();
  }
}
