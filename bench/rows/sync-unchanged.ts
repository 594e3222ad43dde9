import { join } from "node:path";
import * as z from "zod";
import type { Row } from "../bench.ts";
import { syncHome, SYNC_URL } from "../sync-home.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { runChild } from "../programs/child-run.ts";
import { CLIENT } from "../programs/client.ts";

const GATE = { timesBaseline: 2 };
const Counts = z.object({ unchanged: z.number() });
const Report = z.object({ knowledge: Counts, sessions: Counts, bytes_sent: z.literal(0) });

/** Walks folders and looks at every file, with nothing around it. */
const WALK = `
const { lstatSync, readdirSync } = process.getBuiltinModule("node:fs");
let files = 0;
function walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = folder + "/" + entry.name;
    if (entry.isDirectory()) walk(path);
    else if (lstatSync(path).isFile()) files += 1;
  }
}
for (const folder of process.argv.slice(1)) walk(folder);
console.log(files);
`;

/** A sync that finds nothing to do, as cron starts it every few minutes. */
export const syncUnchanged: Row = {
  name: "sync-unchanged",
  title: "memory-sync sync, nothing changed",
  baseline: "a bare Node script that walks and stats the same files",
  remark:
    "Starting Node and loading one file take most of it; a sync that found all up to date compares a fingerprint of every path, size and time and loads nothing else. Reading the state, checking it and making a plan instead took several times as long as looking at the files.",
  async run(bench) {
    await bench.quiet();
    const { syncFiles, rounds } = bench.sizes;
    const home = await syncHome(`${bench.sizes.label}-sync`, syncFiles);
    const ours = { [`${syncFiles} files`]: syncTrial(home, syncFiles) };
    const comparisons = await interleave(ours, walkTrial(home, syncFiles), {
      rounds: rounds.fast,
      warmUp: 2,
    });
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

function syncTrial(home: string, files: number): Trial {
  const env = { HOME: home, SYNC_TOKEN: "no-server-knows-it", MCP_MEMORY_URL: SYNC_URL };
  return async () => {
    const { ms, stdout } = await runChild({ args: [CLIENT, "sync", "--json"], env });
    const { knowledge, sessions } = Report.parse(JSON.parse(stdout));
    if (knowledge.unchanged + sessions.unchanged !== files)
      throw new Error(`the sync saw other files: ${stdout}`);
    return ms;
  };
}

function walkTrial(home: string, files: number): Trial {
  const folders = [join(home, "notes"), join(home, ".claude/projects")];
  return async () => {
    const { ms, stdout } = await runChild({ args: ["-e", WALK, ...folders] });
    if (Number(stdout) !== files) throw new Error(`the walk saw ${stdout.trim()} files`);
    return ms;
  };
}
