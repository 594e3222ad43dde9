import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { LIMITS } from "../../contract/limits.ts";
import { environmentOf, type Environment } from "../home/home.ts";
import { appendLog } from "../home/log.ts";
import { stamp, stampedAt } from "../launcher/stamp.ts";
import { enqueue } from "../outbox/enqueue.ts";
import { readPayload, type NoPayload } from "./stdin.ts";

const { hookCatchUpMs, hookFinishMs, hookStepMs, hookWriteMs } = LIMITS.client;
const NO_PAYLOAD = {
  nothing: "no hook payload on stdin",
  "no JSON": "the hook payload on stdin is no JSON, or not whole",
} as const satisfies Record<NoPayload, string>;
/** Set in the worker's environment: whatever a worker starts must not start workers. */
const WORKER_MARK = "MEMORY_SYNC_WORKER";

/**
 * Runs inside a client that is about to exit: writes down which transcript is to be saved, starts a worker that
 * outlives the client, and ends with code 0 whatever happens. Says nothing on stdout, where clients look for
 * instructions; what goes wrong is in `log/hook.log`. Without a payload the worker looks for itself.
 */
export async function runHook(): Promise<void> {
  if (process.env[WORKER_MARK] !== undefined) process.exit(0);
  const environment = environmentOf(process.env);
  process.on("uncaughtException", (error) => {
    report(environment, error);
    process.exit(0);
  });
  // A disk that takes seconds must not hold the client: the worker then finds the transcript by scanning.
  setTimeout(
    () => {
      report(environment, "the job was not written in time; a full scan was started instead");
      void startWorker(environment, ["sync"]).finally(() => process.exit(0));
    },
    Math.max(hookStepMs + hookWriteMs, hookFinishMs - performance.now()),
  );
  try {
    await startWorker(environment, await takeJob(environment));
  } catch (error) {
    report(environment, error);
  }
  process.exit(0);
}

/** Stores the job; gives the worker's arguments, none when there is nothing to do. */
async function takeJob(environment: Environment): Promise<string[]> {
  const payload = await readPayload(
    process.stdin,
    Math.max(hookStepMs, hookFinishMs - hookWriteMs - performance.now()),
  );
  if (typeof payload === "string") {
    report(environment, `${NO_PAYLOAD[payload]}; a full scan was started instead`);
    return ["sync"];
  }
  const { event, wants, transcriptPath } = payload;
  if (wants === "nothing") return [];
  const scanned = lastScan(environment);
  stamp(environment.home, `fired/${event}`);
  if (wants === "catch_up") return Date.now() - scanned > hookCatchUpMs ? ["sync"] : [];
  // A session that never said anything leaves no file.
  if (transcriptPath === undefined || !existsSync(transcriptPath)) return [];
  try {
    await enqueue(environment.home, {
      kind: "session",
      path: transcriptPath,
      reason: event,
      created_at: new Date().toISOString(),
      tries: 0,
    });
    return ["sync", "--from-hook"];
  } catch (error) {
    report(environment, error);
    return ["sync"];
  }
}

/** Starts `memory-sync …` in a session of its own, so that it survives when the client and its terminal go. */
async function startWorker({ env, home }: Environment, commandLine: readonly string[]): Promise<void> {
  const [program] = process.argv.slice(1);
  if (commandLine.length === 0 || program === undefined) return;
  // Not the project's folder: a process keeps its folder busy on Windows.
  mkdirSync(home.root, { recursive: true, mode: 0o700 });
  const worker = spawn(process.execPath, [program, ...commandLine], {
    cwd: home.root,
    detached: true,
    stdio: "ignore",
    windowsHide: true,
    env: { ...env, [WORKER_MARK]: "1" },
  });
  await new Promise<void>((resolve, reject) => {
    worker.once("spawn", resolve);
    worker.once("error", reject);
  });
  worker.unref();
}

/** When the machine was looked through last, as far as stamps tell; 0 when it never was. */
function lastScan({ home }: Environment): number {
  const times = (["fired/SessionStart", "runs/schedule"] as const).map((name) => stampedAt(home, name));
  return Math.max(...times.map((time) => time?.getTime() ?? 0));
}

function report({ home }: Environment, error: unknown): void {
  appendLog(home, "hook", error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}
