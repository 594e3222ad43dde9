import { slugify, workspaceIdOf } from "../../contract/names.ts";
import type { Manifest } from "../../contract/manifest.ts";
import { transcriptPlaces } from "../archive/places.ts";
import { projectOf } from "../archive/project.ts";
import { repositoryOf } from "../archive/repository.ts";
import { readTokenFile } from "../config.ts";
import { expandHome } from "../home/home.ts";
import { keepWriteToken, offeredToken, readCredentials, withdrawOffer } from "../credentials.ts";
import { RemoteError } from "../remote/remote-error.ts";
import { autoMemoryFolder } from "../manifest/auto-memory.ts";
import { draftManifest, hasManifest, manifestPath, realFolder, saveManifest } from "../manifest/create.ts";
import { plain } from "../format.ts";
import { defineCommand, UsageError, type Context } from "./command.ts";

const DEFAULT_TOOL = "claude-code";

export const initManifest = defineCommand({
  name: "init-manifest",
  summary: "Register a project's workspace and write its manifest",
  options: {
    tool: {
      type: "string",
      value: "NAME",
      summary: `The tool, such as claude-code or codex (default ${DEFAULT_TOOL})`,
    },
    project: { type: "string", value: "NAME", summary: "The project (default: the name of its repository)" },
    cwd: { type: "string", value: "DIR", summary: "The project's folder (default: this one)" },
    machine: {
      type: "string",
      value: "NAME",
      summary: "This machine (default: from config.json, else its host name)",
    },
    description: { type: "string", value: "TEXT", summary: "One sentence about the workspace" },
    "write-token-file": {
      type: "string",
      value: "FILE",
      summary: "Use the write token in FILE, one that an admin issued",
    },
    force: { type: "boolean", summary: "Write the manifest anew if there is one" },
  },
  details:
    "Tracked are CLAUDE.md and AGENTS.md in the folder, also where they are not there yet, and, for claude-code, the " +
    "notes Claude Code keeps about it. " +
    "Edit the manifest to track more.",
  async run(context, args) {
    const { environment, output } = context;
    const { home } = environment;
    const { folder, root } = await folderOf(args.option("cwd") ?? ".", environment.userHome);
    const name = {
      machine: args.option("machine") ?? (await context.config()).machine,
      tool: args.option("tool") ?? DEFAULT_TOOL,
      project: args.option("project") ?? (await projectOf({ cwd: folder }, environment.userHome)),
    };
    checkNames(name);
    const tokenFile = args.option("write-token-file");
    const workspaceId = await register(context, name, {
      description: args.option("description"),
      writeToken: tokenFile === undefined ? undefined : await readTokenFile(tokenFile, environment.userHome),
    });

    const path = manifestPath(home, workspaceId);
    if (!args.flag("force") && (await hasManifest(home, workspaceId))) {
      output.answer({ workspace_id: workspaceId, manifest: path, written: false }, () => workspaceId);
      output.say(`${path} is there already and stays as it is (--force writes it anew)`);
      return "ok";
    }
    const isClaude = slugify(name.tool) === DEFAULT_TOOL;
    const places = transcriptPlaces(environment.env, environment.userHome);
    const manifest = await draftManifest({
      workspaceId,
      ...name,
      cwd: folder,
      autoMemory: isClaude ? await autoMemoryFolder(places.claude, root, environment.userHome) : undefined,
      userHome: environment.userHome,
    });
    await saveManifest(home, manifest);
    output.answer({ workspace_id: workspaceId, manifest: path, written: true }, () => workspaceId);
    output.say(`Wrote ${path}`);
    for (const line of trackedLines(manifest)) output.say(`  ${line}`);
    return "ok";
  },
});

/** The folder with links resolved, and the root of its repository's main worktree. */
async function folderOf(cwd: string, userHome: string): Promise<{ folder: string; root: string }> {
  const given = expandHome(cwd, userHome);
  const folder = await realFolder(given);
  if (folder === undefined) throw new UsageError(`There is no folder ${given}`);
  return { folder, root: (await repositoryOf(folder))?.main ?? folder };
}

function checkNames(name: Record<"machine" | "tool" | "project", string>): void {
  for (const [part, value] of Object.entries(name))
    if (slugify(value) === "") throw new UsageError(`--${part} needs at least one letter or digit`);
}

/** Registers the workspace and keeps its write token. Registering again with the token at hand changes nothing. */
async function register(
  context: Context,
  name: { machine: string; tool: string; project: string },
  extra: { description: string | undefined; writeToken: string | undefined },
): Promise<string> {
  const { home } = context.environment;
  const { write_tokens: known } = await readCredentials(home);
  const likely = workspaceIdOf(name);
  const feeder = await context.feeder();
  const writeToken = extra.writeToken ?? known[likely] ?? (await offeredToken(home, likely));
  const answer = await feeder
    .register(name, { description: extra.description, writeToken })
    .catch(async (error: unknown) => {
      if (error instanceof RemoteError && error.code === "conflict") await withdrawOffer(home, likely);
      throw error;
    });
  // Without one in the answer the workspace had one already, and ours is it.
  await keepWriteToken(home, answer.workspace_id, answer.write_token ?? writeToken);
  return answer.workspace_id;
}

function trackedLines({ tracked, tracked_dirs: folders }: Manifest): string[] {
  return [
    ...tracked.map(
      ({ local, upload, optional = false }) =>
        `${plain(local)} → ${plain(upload)}${optional ? " (once it is there)" : ""}`,
    ),
    ...folders.map(
      ({ local, glob, upload_prefix: prefix }) => `${plain(local)}/${plain(glob)} → ${plain(prefix)}`,
    ),
  ];
}
