import type { CorpusPlan } from "./generate/corpus.ts";

/** How much is measured. The gates are meant for the full run; the quick one shows that everything works. */
export interface Sizes {
  label: "full" | "quick";
  /** Knowledge, and the larger number of archives; also one long session. */
  large: CorpusPlan;
  /** The smaller number of archives, and a tenth of the knowledge. */
  small: CorpusPlan;
  /** A tenth of that: what somebody has after some weeks. It shows how times grow, and has no gate. */
  smallest: CorpusPlan;
  /** Raw bytes of the session that grows. */
  growingBytes: number;
  syncFiles: number;
  /**
   * Rounds of a comparison whose baseline takes milliseconds; or about a second; or is ripgrep over the archives of the
   * small corpus, or of the large one, and what else takes long.
   */
  rounds: { fast: number; slow: number; small: number; large: number };
  /** How long the event loop is watched at a time. */
  watchMs: number;
}

const MB = 1_000_000;

/** What the gates are meant for: about three quarters of an hour, most of it building the index of the large corpus. */
export const FULL: Sizes = {
  label: "full",
  large: { knowledgeFiles: 100_000, archives: 10_000, longBytes: 50 * MB },
  small: { knowledgeFiles: 10_000, archives: 2000, longBytes: 0 },
  smallest: { knowledgeFiles: 1000, archives: 200, longBytes: 0 },
  growingBytes: 50 * MB,
  syncFiles: 10_000,
  rounds: { fast: 25, slow: 7, small: 5, large: 3 },
  watchMs: 8000,
};

/** Three minutes. */
export const QUICK: Sizes = {
  label: "quick",
  large: { knowledgeFiles: 5000, archives: 200, longBytes: 10 * MB },
  small: { knowledgeFiles: 1000, archives: 60, longBytes: 0 },
  smallest: { knowledgeFiles: 200, archives: 20, longBytes: 0 },
  growingBytes: 10 * MB,
  syncFiles: 500,
  rounds: { fast: 7, slow: 3, small: 3, large: 3 },
  watchMs: 2000,
};
