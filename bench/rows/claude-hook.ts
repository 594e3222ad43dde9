import { statSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../bench.ts";
import { findingOf } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { runChild } from "../programs/child-run.ts";
import { CLIENT } from "../programs/client.ts";

const GATE = { timesBaseline: 2 };
const POLL_MS = 20;
const WORKER_MS = 20_000;
const SESSION_ID = "11111111-1111-4111-8111-111111111111";

/** The hook runs while the AI's client waits to exit: it writes down what is to be saved, starts a worker, and ends. */
export const claudeHook: Row = {
  name: "claude-hook",
  title: "memory-sync claude-hook, from start to end",
  baseline: "node -e 0",
  remark:
    "Node's own start is most of it, then one file that loads no package, a note of what is to be saved, synced to the disk before the client may end, and the start of a worker that goes on alone.",
  async run(bench) {
    await bench.quiet();
    await using folder = await bench.scratch();
    const bare: Trial = async () => (await runChild({ args: ["-e", "0"] })).ms;
    const ours = { "with a transcript to save": await hookTrial(folder.path) };
    const comparisons = await interleave(ours, bare, { rounds: bench.sizes.rounds.fast, warmUp: 3 });
    return comparisons.map((comparison) => findingOf(comparison, "ms", GATE));
  },
};

/** The server is away, as a laptop's is on the train. The worker's own time is waited for and not counted. */
async function hookTrial(home: string): Promise<Trial> {
  const transcript = join(home, ".claude/projects/-home-dev-shop", `${SESSION_ID}.jsonl`);
  await mkdir(join(transcript, ".."), { recursive: true });
  const said = {
    type: "user",
    sessionId: SESSION_ID,
    cwd: home,
    message: { role: "user", content: "hello" },
  };
  await writeFile(transcript, `${JSON.stringify(said)}\n`);
  const stdin = JSON.stringify({
    session_id: SESSION_ID,
    transcript_path: transcript,
    hook_event_name: "SessionEnd",
  });
  const env = { HOME: home, SYNC_TOKEN: "no-server-knows-it", MCP_MEMORY_URL: "http://127.0.0.1:65500/mcp" };
  const log = join(home, ".memory-sync/log/sync.log");
  return async () => {
    // A job that failed before is not tried again so soon.
    await rm(join(home, ".memory-sync/queue"), { recursive: true, force: true });
    const before = sizeOf(log);
    const { ms } = await runChild({ args: [CLIENT, "claude-hook"], env, stdin });
    await grown(log, before);
    return ms;
  };
}

/** The worker's last act is a line in its log. */
async function grown(file: string, before: number): Promise<void> {
  const deadline = performance.now() + WORKER_MS;
  while (sizeOf(file) === before) {
    if (performance.now() > deadline) throw new Error("the hook's worker said nothing");
    await sleep(POLL_MS);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
