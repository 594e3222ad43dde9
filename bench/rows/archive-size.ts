import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { ARCHIVE_SUFFIX } from "../../server/storage/layout.ts";
import type { Row } from "../bench.ts";
import { foldersOf, longSession } from "../corpora.ts";
import { counted } from "../measure/finding.ts";

const GATE = { timesBaseline: 1.05 };
/** Archives that are compressed again. */
const SAMPLE = 200;

/** What it costs that every chunk of an archive can be read alone. */
export const archiveSize: Row = {
  name: "archive-size",
  title: "Size of an archive",
  baseline: "plain gzip -6 of the same bytes",
  remark:
    "Chunks that can be read alone start their dictionary anew. With chunks of 128 KiB long, repetitive transcripts were 6 % larger, with 160 KiB 5 %; 192 KiB is what is used. Larger ones make every page dearer: 0.15 ms to inflate one of 128 KiB, 0.26 ms one of 192 KiB.",
  async run(bench) {
    const corpus = await bench.corpus("small");
    const files = (await Promise.all(foldersOf(corpus, "sessions").map(archivesIn))).flat();
    const step = Math.max(1, Math.floor(files.length / SAMPLE));
    const sample = files.filter((_, index) => index % step === 0);
    const { archive } = await longSession(await bench.corpus("large"));
    return [
      counted(`${sample.length} archives together`, "bytes", { ...(await sizesOf(sample)), gate: GATE }),
      counted("the long session", "bytes", { ...(await sizesOf([archive])), gate: GATE }),
    ];
  },
};

async function sizesOf(files: readonly string[]): Promise<{ ours: number; baseline: number }> {
  let [ours, baseline] = [0, 0];
  for (const file of files) {
    const archive = await readFile(file);
    ours += archive.length;
    baseline += gzipSync(gunzipSync(archive), { level: 6 }).length;
  }
  return { ours, baseline };
}

async function archivesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith(ARCHIVE_SUFFIX)).map((name) => join(folder, name));
}
