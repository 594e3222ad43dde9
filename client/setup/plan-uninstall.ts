import { basename } from "node:path";
import type { Edit } from "../edit/edit.ts";
import { jsonEdit } from "../edit/json-edit.ts";
import type { SetupEntry } from "../edit/setup-record.ts";
import type { Environment } from "../home/home.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { mcpUrl } from "./address.ts";
import { allowWant, claudePlaces, claudeServer, claudeServerWant } from "./claude.ts";
import { codexPlaces, codexServerEdit } from "./codex.ts";
import { claudeHookWants, codexHookWants } from "./hook-wants.ts";
import type { Programs } from "./programs.ts";
import { envFile, shellEdit, startFiles } from "./shell-files.ts";

type Work =
  | { readonly kind: "unschedule"; readonly schedule: Schedule }
  /** What is ours in a file of another program; `servers`: the names under which Claude Code's own program takes it out. */
  | {
      readonly kind: "take_back";
      readonly path: string;
      readonly edit: Edit;
      readonly servers: readonly string[];
    }
  | { readonly kind: "remove"; readonly path: string };

/** One thing that uninstalling does. */
export type UndoStep = Work & { readonly id: string; readonly what: string };

/** All that decides what uninstalling does. */
export interface UninstallFacts {
  readonly environment: Environment;
  readonly programs: Programs;
  /** What stands in the setup record. */
  readonly entries: readonly SetupEntry[];
  /** Names of the server that were found in the clients' files. */
  readonly names: readonly string[];
  /** Those that run the client now. */
  readonly schedules: readonly Schedule[];
  /** The file from which a shell takes Codex's token is there. */
  readonly hasEnvFile: boolean;
  /** True for files in which something of ours may be that the record does not know. */
  mayHoldOurs(path: string): boolean;
}

/** What uninstalling does, what starts the client first, then in the reverse order of installing. Pure. */
export function planUninstall(facts: UninstallFacts): UndoStep[] {
  const { environment, entries, schedules } = facts;
  const known = entries.map(({ path }) => path).toReversed();
  const others = usualPlaces(environment).filter((path) => !known.includes(path) && facts.mayHoldOurs(path));
  return [
    ...schedules.map((schedule): UndoStep => {
      return { id: "schedule", what: `the schedule of ${schedule.name}`, kind: "unschedule", schedule };
    }),
    ...[...known, ...others].map((path) => takeBackStep(facts, path)),
    ...(facts.hasEnvFile ? [envStep(environment)] : []),
  ];
}

function envStep({ home }: Environment): UndoStep {
  return { id: "env", what: "Codex's token", kind: "remove", path: envFile(home) };
}

function usualPlaces(environment: Environment): string[] {
  const [claude, codex] = [claudePlaces(environment), codexPlaces(environment)];
  return [codex.hooks, codex.config, claude.settings, claude.servers, ...startFiles(environment)];
}

function takeBackStep(facts: UninstallFacts, path: string): UndoStep {
  const { environment } = facts;
  const kind = facts.entries.find((entry) => entry.path === path)?.kind ?? kindOf(path);
  const isServers = basename(path) === ".claude.json";
  return {
    ...nameOf(environment, path),
    kind: "take_back",
    path,
    edit: editOf(facts, { path, kind }),
    servers: isServers ? facts.names : [],
  };
}

/** As install calls what it put there; a file of an earlier install may be elsewhere. */
function nameOf(environment: Environment, path: string): { id: string; what: string } {
  const [claude, codex] = [claudePlaces(environment), codexPlaces(environment)];
  if (path === claude.settings) return { id: "claude-hooks", what: "Claude Code: the hooks" };
  if (path === claude.servers) return { id: "claude-server", what: "Claude Code: the MCP server" };
  if (path === codex.config) return { id: "codex-server", what: "Codex: the MCP server" };
  if (path === codex.hooks) return { id: "codex-hook", what: "Codex: the hook" };
  const index = startFiles(environment).indexOf(path);
  if (index < 0) return { id: "file", what: "what install put in" };
  return { id: index === 0 ? "shell" : `shell-${index + 1}`, what: "Codex: its token, in your shell" };
}

function kindOf(path: string): SetupEntry["kind"] {
  if (path.endsWith(".json")) return "json";
  return path.endsWith(".toml") ? "toml" : "block";
}

/** All that may ever have been put in. */
function editOf(facts: UninstallFacts, { path, kind }: { path: string; kind: SetupEntry["kind"] }): Edit {
  const { environment, programs } = facts;
  const names = facts.names.length === 0 ? ["memory"] : facts.names;
  if (kind === "block") return shellEdit(environment.home, path);
  if (kind === "toml")
    return codexServerEdit(names.at(-1) ?? "memory", { url: mcpUrl(""), allowTools: false });
  const servers = names.map((name) => claudeServerWant(name, claudeServer(programs, mcpUrl(""))));
  // A person may have allowed the tools by hand: only what the record holds is taken out.
  const allowed = facts.entries
    .filter((entry) => entry.path === path)
    .flatMap(({ insertions }) =>
      names.filter((name) => insertions.some(({ text }) => text.includes(`mcp__${name}`))),
    );
  return jsonEdit([
    ...claudeHookWants(programs),
    ...codexHookWants(programs),
    ...servers,
    ...allowed.map(allowWant),
  ]);
}
