import { existsSync } from "node:fs";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { managedSettings } from "../archive/expiry.ts";
import { jsonEdit } from "../edit/json-edit.ts";
import { claudePlaces } from "../setup/claude.ts";
import { codexPlaces } from "../setup/codex.ts";
import { claudeHookWants, codexHookWants } from "../setup/hook-wants.ts";
import type { ClientName } from "../setup/plan-install.ts";
import type { Programs } from "../setup/programs.ts";
import { commandFor, installLine, type Facts } from "./facts.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import { refusalOf, settingsText, standingOf, type Standing } from "./settings-file.ts";

const NAMES = { claude: "Claude Code", codex: "Codex" } as const;
/** What in Claude Code's settings keeps a person's hooks from running. */
const Switches = z.object({
  disableAllHooks: z.boolean().optional().catch(undefined),
  allowManagedHooksOnly: z.boolean().optional().catch(undefined),
});

/** Where a client has its hooks, and whether ours are there. */
export interface HookStanding {
  readonly client: ClientName;
  readonly path: string;
  readonly text: string;
  /** `gone`: ours is there, and the program that it starts is not. */
  readonly standing: Standing | "gone";
  /** Why it is unreadable. */
  readonly why: string | undefined;
}

/** How the hooks of the clients that are here stand. */
export async function hookStandings({ environment, programs, clients }: Facts): Promise<HookStanding[]> {
  const wanted = {
    claude: { path: claudePlaces(environment).settings, wants: claudeHookWants(programs) },
    codex: { path: codexPlaces(environment).hooks, wants: codexHookWants(programs) },
  };
  return Promise.all(
    clients.map(async (client) => {
      const { path, wants } = wanted[client];
      const { text, fault } = await settingsText(path);
      const edit = jsonEdit(wants);
      const standing = fault === undefined ? standingOf(edit, text) : "unreadable";
      const why = fault ?? refusalOf(edit, text);
      return { client, path, text, standing: withProgram(programs, standing), why };
    }),
  );
}

function withProgram({ launcher, bundle }: Programs, standing: Standing): HookStanding["standing"] {
  if (standing === "there") return [launcher, bundle].every((path) => existsSync(path)) ? standing : "gone";
  // By hand, and there is no other to be started.
  return standing === "stale" && !existsSync(launcher) ? "there" : standing;
}

/** Whether the hooks are installed, and nothing in the settings keeps them from running. Without a sync token there are none. */
export async function hookFindings(facts: Facts, standings: readonly HookStanding[]): Promise<Finding[]> {
  if (facts.config.syncToken === undefined) return [];
  const { text: managed } = await settingsText(managedSettings());
  return standings.map((held) => hookFinding(facts, held) ?? shadowOf(held, managed) ?? there(held));
}

function hookFinding(facts: Facts, { client, path, standing, why = "" }: HookStanding): Finding | undefined {
  const [id, name] = ["setup.hooks", NAMES[client]];
  const command = commandFor(facts, `install --agents ${client} --hooks`);
  if (standing === "missing" && facts.choices.hooks === false)
    return ok(id, `${name} has no hooks, as you chose: its sessions wait for the schedule`);
  if (standing === "missing")
    return fail(id, `${name} lacks hooks: its sessions wait for the schedule`, { command });
  if (standing === "stale")
    return fail(id, `${name} starts another memory-sync than the one here`, { command });
  if (standing === "gone")
    return fail(id, `${name} starts a memory-sync that is not there`, {
      command: installLine(facts.config.url),
    });
  if (standing === "unreadable")
    return fail(id, `${path} cannot be read as ${name} needs it: ${why}`, {
      advice: `Mend this file, then: ${command}`,
    });
  return undefined;
}

function there({ client }: HookStanding): Finding {
  return ok("setup.hooks", `${NAMES[client]} starts memory-sync`);
}

/** What keeps an installed hook from running. */
export function shadowOf(
  { client, path, text }: Pick<HookStanding, "client" | "path" | "text">,
  managed: string,
): Finding | undefined {
  if (client !== "claude") return undefined;
  const id = "setup.hooks";
  if (parseJson(text) === undefined)
    return fail(id, "Claude Code does not read its settings, for they have comments or commas too many", {
      advice: `Take them out of ${path}`,
    });
  for (const [file, held] of [
    [managedSettings(), managed],
    [path, text],
  ] as const) {
    const { disableAllHooks } = switchesIn(held);
    if (disableAllHooks === true)
      return fail(id, `"disableAllHooks" in ${file} keeps all hooks from running`, { advice: "Take it out" });
  }
  if (switchesIn(managed).allowManagedHooksOnly === true)
    return warn(id, "an administrator allows no hooks but their own (allowManagedHooksOnly)", {
      advice: "Have them add memory-sync, or rely on the schedule",
    });
  return undefined;
}

function switchesIn(text: string): z.infer<typeof Switches> {
  const parsed = Switches.safeParse(parseJson(text));
  return parsed.success ? parsed.data : {};
}
