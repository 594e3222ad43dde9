import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { JoinFile } from "../../server/access/joins.ts";
import { TokenFile } from "../../server/access/stored-token.ts";
import { storeFindings } from "../../server/backup/verify/verify.ts";
import { ARCHIVE_SUFFIX } from "../../server/storage/layout.ts";
import type { Row } from "../bench.ts";
import { foldersOf } from "../corpora.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";

/** 100 MB a second. */
const GATE = { atMost: 10 };

/** Looking for damage in a whole store. */
export const verify: Row = {
  name: "verify",
  title: "Verifying a store, per MB of transcripts",
  baseline: "gunzip and SHA-256 of each archive, read as a whole",
  remark:
    "In one thread of a process of its own. It reads the knowledge too, and counts lines and checksums of every chunk.",
  async run(bench) {
    await bench.quiet();
    const corpus = await bench.corpus("small");
    const rawMB = corpus.facts.rawBytes / 1e6;
    const archives = foldersOf(corpus, "sessions").flatMap(archivesIn);
    const ours = { "a store without damage": verifyTrial(corpus.root, rawMB) };
    const turns = { rounds: bench.sizes.rounds.slow, warmUp: 1 };
    const comparisons = await interleave(ours, gunzipTrial(archives, rawMB), turns);
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

function verifyTrial(root: string, rawMB: number): Trial {
  return async () => {
    const started = performance.now();
    const findings = await storeFindings(root, { tokens: TokenFile, joins: JoinFile });
    const ms = performance.now() - started;
    const damage = findings.find(({ state }) => state === "fail");
    if (damage !== undefined) throw new Error(`${damage.id}: ${damage.path}`);
    return ms / rawMB;
  };
}

function gunzipTrial(archives: readonly string[], rawMB: number): Trial {
  return async () => {
    const started = performance.now();
    for (const archive of archives)
      createHash("sha256")
        .update(gunzipSync(readFileSync(archive)))
        .digest();
    return (performance.now() - started) / rawMB;
  };
}

function archivesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(ARCHIVE_SUFFIX)).map((name) => join(folder, name));
}
