import { BaseSequencer, type TestSequencer, type TestSpecification, type Vitest } from "vitest/node";

/** The files that take longest, with the longest first. One that is missing here only makes the whole take longer. */
const LONGEST = [
  "e2e/kill",
  "contracts/backup-live",
  "e2e/index-histories",
  "contracts/search",
  "e2e/search-index",
  "e2e/sync",
  "e2e/doctor",
  "deploy/deploy-goes-back",
  "contracts/memory-crash",
  "contracts/knowledge-crash",
  "deploy/deploy-script",
  "e2e/install",
  "contracts/search-equal",
  "contracts/search-indexed",
  "e2e/acceptance",
  "e2e/bad-requests",
  "e2e/uninstall",
  "contracts/verify-flips",
  "e2e/reading-commands",
  "contracts/backup-restore",
  "e2e/up-to-date-sync",
  "e2e/server-program",
  "real-clients/real-clients",
  "real-clients/memory-proxy",
  "e2e/rescue",
  "e2e/join",
].map((name) => `/tests/${name}.test.ts`);

/** Starts the longest files first: one that starts last leaves the other workers with nothing to do. */
export class LongestFirst implements TestSequencer {
  readonly #usual: BaseSequencer;

  constructor(vitest: Vitest) {
    this.#usual = new BaseSequencer(vitest);
  }

  async shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return this.#usual.shard(files);
  }

  async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await this.#usual.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((path) => moduleId.endsWith(path));
  return place === -1 ? LONGEST.length : place;
}
