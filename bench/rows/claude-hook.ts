import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shellLauncher } from "../../client/launcher/launcher.ts";
import { shellWord } from "../../client/launcher/quote.ts";
import type { Row } from "../bench.ts";
import { counted, findingOf, type Finding } from "../measure/finding.ts";
import { interleave, type Trial } from "../measure/interleave.ts";
import { quantile } from "../measure/statistics.ts";
import { runChild } from "../programs/child-run.ts";
import { CLIENT } from "../programs/client.ts";

const GATE = { timesBaseline: 2 };
/** Of the hook as it is installed, beside load. */
const P99 = { atMost: 300 };
/** Fewer have no hundredth. */
const LEAST_RUNS = 100;
const RUNS_A_ROUND = 8;
const BUSY = join(import.meta.dirname, "../programs/busy-program.ts");
const BUSY_MS = 15 * 60_000;
const POLL_MS = 20;
const WORKER_MS = 20_000;
const SESSION_ID = "11111111-1111-4111-8111-111111111111";

/** The hook runs while the AI's client waits to exit: it writes down what is to be saved, starts a worker, and ends. */
export const claudeHook: Row = {
  name: "claude-hook",
  title: "memory-sync claude-hook, from start to end",
  baseline: "node -e 0",
  remark:
    "Node's own start is most of it, then one file that loads no package, a note of what is to be saved, synced to the disk before the client may end, and the start of a worker that goes on alone. The p99 is of the hook as Claude Code starts it, through the launcher, with the server away.",
  async run(bench) {
    await bench.quiet();
    await using folder = await bench.scratch();
    const bare: Trial = async () => (await runChild({ args: ["-e", "0"] })).ms;
    const ours = { "with a transcript to save": await hookTrial(folder.path, bundleRun) };
    const comparisons = await interleave(ours, bare, { rounds: bench.sizes.rounds.fast, warmUp: 3 });
    const installed = await hookTrial(folder.path, await installedRun(folder.path));
    return [
      ...comparisons.map((comparison) => findingOf(comparison, "ms", GATE)),
      await besideLoad({ installed, bare }, Math.max(LEAST_RUNS, RUNS_A_ROUND * bench.sizes.rounds.fast)),
    ];
  },
};

/** Starts the hook, gives how many milliseconds it took. */
type HookRun = (how: { env: Record<string, string>; stdin: string }) => Promise<number>;

const bundleRun: HookRun = async (how) => (await runChild({ args: [CLIENT, "claude-hook"], ...how })).ms;

/** As Claude Code starts it: a shell that runs the command of its settings, which is the launcher that was installed. */
async function installedRun(home: string): Promise<HookRun> {
  const bin = join(home, ".memory-sync/bin");
  await mkdir(bin, { recursive: true });
  const [launcher, bundle] = [join(bin, "memory-sync"), join(bin, "memory-sync.mjs")];
  await copyFile(CLIENT, bundle);
  const hookLog = join(home, ".memory-sync/log/hook.log");
  const text = shellLauncher({ node: process.execPath, bundle, hookLog, variables: {} });
  await writeFile(launcher, text, { mode: 0o755 });
  const args = ["-c", `${shellWord(launcher)} claude-hook`];
  return async (how) => (await runChild({ program: "/bin/sh", args, ...how })).ms;
}

/** The slowest hundredth, while another process keeps a processor busy; a bare Node in turn says what the machine adds. */
async function besideLoad(
  { installed, bare }: { installed: Trial; bare: Trial },
  runs: number,
): Promise<Finding> {
  const busy = spawn(process.execPath, [BUSY, String(BUSY_MS)], { stdio: "ignore" });
  try {
    const taken: { ours: number[]; baseline: number[] } = { ours: [], baseline: [] };
    for (let run = 0; run < runs; run += 1) {
      taken.ours.push(Number(await installed()));
      taken.baseline.push(Number(await bare()));
    }
    if (busy.exitCode !== null) throw new Error("what kept the machine busy ended too soon");
    const p99 = { ours: p99Of(taken.ours), baseline: p99Of(taken.baseline) };
    return counted(`p99 of ${runs} runs as installed, beside a busy process`, "ms", { ...p99, gate: P99 });
  } finally {
    busy.kill();
  }
}

function p99Of(numbers: readonly number[]): number {
  return quantile(
    numbers.toSorted((one, other) => one - other),
    0.99,
  );
}

/** The server is away, as a laptop's is on the train. The worker's own time is waited for and not counted. */
async function hookTrial(home: string, hook: HookRun): Promise<Trial> {
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
    const ms = await hook({ env, stdin });
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
