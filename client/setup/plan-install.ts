import { launcherFacts, launcherText } from "../launcher/install-launcher.ts";
import { jsonEdit } from "../edit/json-edit.ts";
import type { Environment } from "../home/home.ts";
import type { Minutes, Schedule } from "../schedule/schedule.ts";
import { mcpUrl } from "./address.ts";
import { allowWant, claudePlaces, claudeServer, claudeServerWant, claudeServerWithToken } from "./claude.ts";
import { editIn, editOut, type OwnSettings } from "./claude-settings.ts";
import { codexPlaces, codexServerEdit } from "./codex.ts";
import { claudeHookWants, codexHookWants } from "./hook-wants.ts";
import type { UndoStep } from "./plan-uninstall.ts";
import type { Programs } from "./programs.ts";
import { envFile, envText, shellEdit } from "./shell-files.ts";
import { leftOutBy, type Step } from "./step.ts";

/** Programs that talk to an AI and that install knows. */
export const CLIENTS = ["claude", "codex"] as const;
export type ClientName = (typeof CLIENTS)[number];

/** All that decides what installing does. */
export interface InstallFacts {
  readonly environment: Environment;
  readonly programs: Programs;
  /** The program itself. */
  readonly bundle: Buffer;
  /** Root of the server's API. */
  readonly url: string;
  readonly configText: string;
  readonly tokens: { readonly ai: string | undefined; readonly sync: string | undefined };
  /** Those that are set up. */
  readonly clients: readonly ClientName[];
  /** Those that are on this machine. */
  readonly clientsHere: readonly ClientName[];
  /** The name under which clients know the server. */
  readonly name: string;
  /** What the person chose, now or before. */
  readonly wants: {
    readonly mcp: boolean;
    readonly hooks: boolean;
    readonly shell: boolean;
    readonly schedule: boolean;
    readonly allowTools: boolean;
    readonly literalHeader: boolean;
  };
  /** What of ours is on this machine: what is not wanted any more is taken out. */
  readonly present: readonly UndoStep[];
  readonly ownSettings: OwnSettings;
  /** Start files of the person's shell. */
  readonly startFiles: readonly string[];
  /** A sentence where there is none. */
  readonly schedule: Schedule | string;
  readonly minutes: Minutes;
}

const NO_SYNC_TOKEN = "there is no sync token: nothing is sent from this machine";

/** What installing does, in this order: whatever starts the client comes after what it needs. Pure. */
export function planInstall(facts: InstallFacts): Step[] {
  return [...ownSteps(facts), ...claudeSteps(facts), ...codexSteps(facts), ...scheduleSteps(facts)];
}

function ownSteps({ environment, programs, bundle, configText, tokens }: InstallFacts): Step[] {
  const { home } = environment;
  const launcher = Buffer.from(launcherText(launcherFacts(environment)));
  return [
    { id: "program", what: "the program", kind: "program", path: programs.bundle, data: bundle },
    { id: "launcher", what: "the launcher", kind: "program", path: programs.launcher, data: launcher },
    { id: "config", what: "the client's settings", kind: "own_file", path: home.config, text: configText },
    { id: "tokens", what: "the client's tokens", kind: "tokens", path: home.credentials, ...tokens },
  ];
}

function claudeSteps(facts: InstallFacts): Step[] {
  if (!facts.clients.includes("claude")) return [absent(facts, "claude", "Claude Code")];
  return [...claudeServerSteps(facts), ...claudeHookSteps(facts), ...claudeToolSteps(facts)];
}

function claudeServerSteps(facts: InstallFacts): Step[] {
  const { environment, programs, url, name, wants, tokens } = facts;
  const entry =
    wants.literalHeader && tokens.ai !== undefined
      ? claudeServerWithToken(mcpUrl(url), tokens.ai)
      : claudeServer(programs, mcpUrl(url));
  const server: Step = {
    id: "claude-server",
    what: "Claude Code: the MCP server",
    kind: "claude_server",
    path: claudePlaces(environment).servers,
    name,
    entry,
    edit: jsonEdit([claudeServerWant(name, entry)]),
  };
  if (!wants.mcp) return declined(facts, server, "--mcp");
  return [tokens.ai === undefined ? withoutToken(server) : server];
}

function claudeHookSteps(facts: InstallFacts): Step[] {
  const { environment, programs, name, wants, tokens, ownSettings: owns } = facts;
  const [id, what] = ["claude-hooks", "Claude Code: the hooks"];
  const own = claudeHookWants(programs);
  const others = owns.tools && wants.allowTools ? [allowWant(name)] : [];
  const edit = {
    id,
    what,
    kind: "edit",
    path: claudePlaces(environment).settings,
    strictJson: true,
  } as const;
  if (!wants.hooks) {
    if (others.length === 0 || !owns.hooks) return declined(facts, { id, what }, "--hooks");
    return [{ ...edit, edit: editOut({ own, others }), putsBack: "--hooks" }];
  }
  if (tokens.sync === undefined) return [leftOut(id, what, NO_SYNC_TOKEN)];
  return [{ ...edit, edit: editIn({ own, others }) }];
}

function claudeToolSteps(facts: InstallFacts): Step[] {
  const { environment, programs, name, wants, ownSettings: owns } = facts;
  const path = claudePlaces(environment).settings;
  const [id, what] = ["claude-tools", "Claude Code: the permission for the tools"];
  const own = [allowWant(name)];
  const others = hasHooks(facts) || (wants.hooks && owns.hooks) ? claudeHookWants(programs) : [];
  const edit = { id, what, kind: "edit", path, strictJson: true } as const;
  if (wants.allowTools) return [{ ...edit, edit: editIn({ own, others }) }];
  // Without the hooks all of ours in this file is gone already.
  if (!owns.tools || !wants.hooks) return [];
  return [{ ...edit, edit: editOut({ own, others }), putsBack: "--allow-tools" }];
}

function codexSteps(facts: InstallFacts): Step[] {
  if (!facts.clients.includes("codex")) return [absent(facts, "codex", "Codex")];
  return [...codexServerSteps(facts), ...codexHookSteps(facts)];
}

function codexServerSteps(facts: InstallFacts): Step[] {
  const { environment, url, name, wants, tokens } = facts;
  const server: Step = {
    id: "codex-server",
    what: "Codex: the MCP server",
    kind: "edit",
    path: codexPlaces(environment).config,
    edit: codexServerEdit(name, { url: mcpUrl(url), allowTools: wants.allowTools }),
  };
  if (!wants.mcp) return [...declined(facts, server, "--mcp"), ...takenOut(facts, isOfShell, "--mcp")];
  return tokens.ai === undefined ? [withoutToken(server)] : [server, ...shellSteps(facts)];
}

function codexHookSteps(facts: InstallFacts): Step[] {
  const { environment, programs, wants, tokens } = facts;
  const hook: Step = {
    id: "codex-hook",
    what: "Codex: the hook",
    kind: "edit",
    path: codexPlaces(environment).hooks,
    edit: jsonEdit(codexHookWants(programs)),
  };
  if (!wants.hooks) return declined(facts, hook, "--hooks");
  return tokens.sync === undefined ? [leftOut(hook.id, hook.what, NO_SYNC_TOKEN)] : [hook];
}

/** Codex takes its token from the environment, so a shell has to put it there. */
function shellSteps(facts: InstallFacts): Step[] {
  const { environment, tokens, startFiles, programs, wants } = facts;
  const { home } = environment;
  // On Windows a person sets it: see what they are told next.
  if (tokens.ai === undefined || programs.windows) return [];
  const env: Step = {
    id: "env",
    what: "Codex: its token",
    kind: "own_file",
    path: envFile(home),
    text: envText(tokens.ai),
  };
  const edits = startFiles.map((path, index): Step => {
    const id = index === 0 ? "shell" : `shell-${index + 1}`;
    return { id, what: "Codex: its token, in your shell", kind: "edit", path, edit: shellEdit(home, path) };
  });
  if (wants.shell) return [env, ...edits];
  return [env, ...takenOut(facts, (step) => step.id !== "env" && isOfShell(step), "--shell")];
}

function isOfShell({ id }: UndoStep): boolean {
  return id === "env" || id.startsWith("shell");
}

function scheduleSteps(facts: InstallFacts): Step[] {
  const { environment, programs, tokens, wants, schedule, minutes } = facts;
  const [id, what] = ["schedule", `a sync every ${minutes} minutes`];
  if (!wants.schedule) return declined(facts, { id, what }, "--schedule auto");
  if (typeof schedule === "string") return [leftOut(id, what, schedule)];
  if (tokens.sync === undefined) return [leftOut(id, what, NO_SYNC_TOKEN)];
  return [
    {
      id,
      what: `${what}, by ${schedule.name}`,
      kind: "schedule",
      schedule,
      facts: { environment, ...programs, minutes },
    },
  ];
}

function hasHooks({ wants, tokens }: InstallFacts): boolean {
  return wants.hooks && tokens.sync !== undefined;
}

/** A part that the person does not want: taken out where it is. */
function declined(facts: InstallFacts, { id, what }: Pick<Step, "id" | "what">, putsBack: string): Step[] {
  const steps = takenOut(facts, (step) => step.id === id, putsBack);
  return steps.length === 0 ? [leftOut(id, what, leftOutBy(putsBack))] : steps;
}

function takenOut({ present }: InstallFacts, isMeant: (step: UndoStep) => boolean, putsBack: string): Step[] {
  return present.filter(isMeant).map((undo): Step => {
    const { id, what } = undo;
    return { id, what, kind: "take_out", ...("path" in undo && { path: undo.path }), undo, putsBack };
  });
}

/** A client that is not here, or not meant this time. */
function absent({ clientsHere }: InstallFacts, client: ClientName, what: string): Step {
  const isHere = clientsHere.includes(client);
  return leftOut(client, what, isHere ? "it is not among --agents" : "it is not on this machine");
}

function withoutToken({ id, what }: Step): Step {
  return leftOut(id, what, "there is no AI token");
}

function leftOut(id: string, what: string, why: string): Step {
  return { id, what, kind: "left_out", why };
}
