import { isSystemError } from "../../disk/errno.ts";
import { environmentOf } from "../home/home.ts";
import { stamp } from "../launcher/stamp.ts";
import { Output } from "../output.ts";
import { upToDateAnswer } from "./up-to-date.ts";

const SCHEDULED = "--scheduled";
/** Options that change nothing about what is looked at. */
const PLAIN: ReadonlySet<string> = new Set(["--json", SCHEDULED]);
const QUIET: ReadonlySet<string> = new Set(["--quiet", "-q"]);

/**
 * Answers `memory-sync sync` when nothing has changed since a sync that found nothing to do. False when the sync has to be
 * done, or is one of a special kind. Loads nothing but `node:` modules: a scheduler starts this every few minutes.
 */
export async function syncUpToDate(argv: readonly string[]): Promise<boolean> {
  if (!argv.every((option) => PLAIN.has(option) || QUIET.has(option))) return false;
  const { env } = process;
  if (argv.includes(SCHEDULED)) stamp(environmentOf(env).home, "runs/schedule");
  const answer = await answerFor(env);
  if (answer === undefined) return false;
  stamp(environmentOf(env).home, "runs/up-to-date");
  const json = argv.includes("--json");
  if (!json && argv.some((option) => QUIET.has(option))) return true;
  const output = new Output({ stdout: process.stdout, stderr: process.stderr, env, json });
  output.print(json ? answer.json : answer.text);
  return true;
}

/** Of a disk in disorder nothing is known: the sync that follows says what is wrong. */
async function answerFor(env: NodeJS.ProcessEnv) {
  try {
    return await upToDateAnswer(environmentOf(env));
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
