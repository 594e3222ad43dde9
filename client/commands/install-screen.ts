import type { WhoAmI } from "../../contract/wire.ts";
import type { SetupRecord } from "../edit/setup-record.ts";
import { plain, plainLines } from "../format.ts";
import type { Output } from "../output.ts";
import type { StepPreview } from "../setup/shown.ts";
import type { StepResult } from "../setup/step.ts";
import { reachOf, type Whose } from "../setup/whose-tokens.ts";

/** What came of installing. */
export interface InstallAnswer {
  readonly url: string;
  readonly machine: string;
  readonly tokens: Whose;
  readonly steps: readonly StepResult[];
  /** Sentences for the person. */
  readonly next: readonly string[];
}

/** What came of installing, in one screen. */
export function installScreen(
  { url, machine, tokens, steps, next }: InstallAnswer,
  userHome: string,
): string {
  return [
    `server   ${plain(url)}, as ${machine}`,
    ...tokenLine("AI", tokens.ai),
    ...tokenLine("sync", tokens.sync),
    "",
    ...stepLines(steps, userHome),
    "",
    "Next:",
    ...next.map((sentence) => `  ${plain(sentence)}`),
  ].join("\n");
}

/** Each step with its state, and with whatever a person has to know of it. */
export function stepLines(steps: readonly StepResult[], userHome: string): string[] {
  return steps.flatMap(({ what, state, path, why, lines = [] }) => [
    `${(state === "failed" ? "FAILED" : state).padEnd(8)} ${plain(what)}${path === undefined ? "" : `: ${plain(shortened(path, userHome))}`}`,
    ...(why === undefined ? [] : [`         ${plain(why)}`]),
    ...(lines.length === 0
      ? []
      : ["         to add by hand:", ...lines.map((line) => `           ${plain(line)}`)]),
  ]);
}

/** What would change: texts as differences, the rest in words. */
export function previewScreen(steps: readonly StepPreview[]): string {
  return steps.flatMap(previewLines).join("\n");
}

/** Says that what earlier installs did is no longer known: ours is found by what it looks like then. */
export function warnOfDamage({ damaged }: SetupRecord, output: Output): void {
  if (damaged !== undefined)
    output.warn(`setup.json could not be understood and was put aside as ${plain(damaged)}`);
}

function previewLines({ what, state, path, diff, does = [], why }: StepPreview): string[] {
  const where = path === undefined || diff !== undefined ? "" : `: ${plain(path)}`;
  if (why !== undefined) return [`# ${plain(what)}${where}: ${plain(why)}`];
  if (state === "already") return [`# ${plain(what)}${where}: nothing to change`];
  return [
    `# ${plain(what)}`,
    ...does.map(plain),
    ...(diff === undefined ? [] : [plainLines(diff).trimEnd()]),
  ];
}

function tokenLine(name: string, identity: WhoAmI | undefined): string[] {
  if (identity === undefined) return [];
  return [`${name.padEnd(8)} "${plain(identity.name)}" ${reachOf(identity)}`];
}

function shortened(path: string, userHome: string): string {
  return path.startsWith(`${userHome}/`) ? `~${path.slice(userHome.length)}` : path;
}
