import { launcherFacts, launcherText } from "../launcher/install-launcher.ts";
import { jsonEdit } from "../edit/json-edit.ts";
import type { Environment } from "../home/home.ts";
import type { Minutes, Schedule } from "../schedule/schedule.ts";
import { mcpUrl } from "./address.ts";
import { allowWant, claudePlaces, claudeServer, claudeServerWant, claudeServerWithToken } from "./claude.ts";
import { codexPlaces, codexServerEdit } from "./codex.ts";
import { claudeHookWants, codexHookWants } from "./hook-wants.ts";
import type { Programs } from "./programs.ts";
import { envFile, envText, shellEdit } from "./shell-files.ts";
import type { Step } from "./step.ts";

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
  readonly clients: readonly ClientName[];
  /** The name under which clients know the server. */
  readonly name: string;
  readonly wants: {
    readonly mcp: boolean;
    readonly hooks: boolean;
    readonly allowTools: boolean;
    readonly literalHeader: boolean;
  };
  /** Start files of the person's shell that are edited. */
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
  const { environment, programs, url, clients, name, wants, tokens } = facts;
  const places = claudePlaces(environment);
  const entry =
    wants.literalHeader && tokens.ai !== undefined
      ? claudeServerWithToken(mcpUrl(url), tokens.ai)
      : claudeServer(programs, mcpUrl(url));
  if (!clients.includes("claude")) return [leftOut("claude", "Claude Code", "it is not on this machine")];
  const server: Step = {
    id: "claude-server",
    what: "Claude Code: the MCP server",
    kind: "claude_server",
    path: places.servers,
    name,
    entry,
    edit: jsonEdit([claudeServerWant(name, entry)]),
  };
  const hookWants = hasHooks(facts) ? claudeHookWants(programs) : [];
  // One record is kept of a file: each edit of it takes all of ours out where something has to be taken out.
  const [alone, both] = [
    jsonEdit(hookWants),
    jsonEdit([...hookWants, ...(wants.allowTools ? [allowWant(name)] : [])]),
  ];
  const hooks: Step = {
    id: "claude-hooks",
    what: "Claude Code: the hooks",
    kind: "edit",
    path: places.settings,
    edit: { ...both, plan: (text) => alone.plan(text) },
    strictJson: true,
  };
  const permission: Step = {
    ...hooks,
    id: "claude-tools",
    what: "Claude Code: the permission for the tools",
    edit: both,
  };
  return [
    ...(wants.mcp ? [tokens.ai === undefined ? withoutToken(server) : server] : []),
    ...(wants.hooks && tokens.sync === undefined ? [leftOut(hooks.id, hooks.what, NO_SYNC_TOKEN)] : []),
    ...(hookWants.length > 0 ? [hooks] : []),
    ...(wants.allowTools ? [permission] : []),
  ];
}

function codexSteps(facts: InstallFacts): Step[] {
  const { environment, programs, url, clients, name, wants, tokens } = facts;
  if (!clients.includes("codex")) return [leftOut("codex", "Codex", "it is not on this machine")];
  const places = codexPlaces(environment);
  const server: Step = {
    id: "codex-server",
    what: "Codex: the MCP server",
    kind: "edit",
    path: places.config,
    edit: codexServerEdit(name, { url: mcpUrl(url), allowTools: wants.allowTools }),
  };
  const hook: Step = {
    id: "codex-hook",
    what: "Codex: the hook",
    kind: "edit",
    path: places.hooks,
    edit: jsonEdit(codexHookWants(programs)),
  };
  const hookSteps = tokens.sync === undefined ? [leftOut(hook.id, hook.what, NO_SYNC_TOKEN)] : [hook];
  return [
    ...(wants.mcp ? (tokens.ai === undefined ? [withoutToken(server)] : [server, ...shellSteps(facts)]) : []),
    ...(wants.hooks ? hookSteps : []),
  ];
}

/** Codex takes its token from the environment, so a shell has to put it there. */
function shellSteps({ environment: { home }, tokens, startFiles, programs }: InstallFacts): Step[] {
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
  return [env, ...edits];
}

function scheduleSteps({ environment, programs, tokens, schedule, minutes }: InstallFacts): Step[] {
  const [id, what] = ["schedule", `a sync every ${minutes} minutes`];
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

function withoutToken({ id, what }: Step): Step {
  return leftOut(id, what, "there is no AI token");
}

function leftOut(id: string, what: string, why: string): Step {
  return { id, what, kind: "left_out", why };
}
