import { existsSync, readdirSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../contract/errors.ts";
import { workspaceIdOf } from "../contract/names.ts";
import { SyncRegistration, WorkspacePage, type WorkspaceName } from "../contract/wire.ts";

const SAMPLES: { folder: string; workspace: WorkspaceName; description: string }[] = [
  {
    folder: "laptop",
    workspace: { machine: "demo-laptop", tool: "claude-code", project: "webshop" },
    description: "Sample: the web shop, on the laptop",
  },
  {
    folder: "desktop",
    workspace: { machine: "demo-desktop", tool: "codex", project: "webshop" },
    description: "Sample: the web shop, on the desktop",
  },
];

/**
 * Throws `conflict` for a folder with something in it but no samples: an exported MEMORY_ROOT names the data of a real
 * server, and those must not be served with tokens that everybody knows.
 */
export function requireSamples(memoryRoot: string): void {
  if (!existsSync(memoryRoot) || readdirSync(memoryRoot).length === 0) return;
  const isSeeded = SAMPLES.some(({ workspace }) =>
    existsSync(join(memoryRoot, "workspaces", workspaceIdOf(workspace))),
  );
  if (!isSeeded)
    throw new AppError("conflict", `make run has not made ${memoryRoot}`, {
      hint: "It serves with tokens that everybody knows: unset MEMORY_ROOT, or let it name a new folder",
    });
}

/** Fills an empty server with two small workspaces, through its own front door. False when it held workspaces already. */
export async function seedSamples(url: string, syncToken: string, aiToken: string): Promise<boolean> {
  const api = new URL("/api/v1/", url);
  const listed = await fetch(new URL("workspaces", api), { headers: { authorization: `Bearer ${aiToken}` } });
  if (WorkspacePage.parse(await listed.json()).entries.length > 0) return false;
  for (const sample of SAMPLES) await seed(api, syncToken, sample);
  return true;
}

async function seed(api: URL, syncToken: string, sample: (typeof SAMPLES)[number]): Promise<void> {
  const authorization = `Bearer ${syncToken}`;
  const registered = await send(
    new URL("workspaces", api),
    "POST",
    JSON.stringify({ ...sample.workspace, description: sample.description }),
    {
      authorization,
      "content-type": "application/json",
    },
  );
  const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(await registered.json());
  const folder = join(import.meta.dirname, "samples", sample.folder);
  for (const name of await readdir(folder)) {
    const place = name.endsWith(".jsonl")
      ? `sessions/${name.slice(0, -".jsonl".length)}`
      : `knowledge/${name}`;
    const body = await readFile(join(folder, name));
    await send(new URL(`workspaces/${id}/${place}`, api), "PUT", body, {
      authorization,
      "x-workspace-token": writeToken,
    });
  }
}

async function send(
  url: URL,
  method: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string>,
): Promise<Response> {
  const response = await fetch(url, { method, headers, body });
  if (!response.ok)
    throw new Error(`${method} of a sample failed: ${response.status} ${await response.text()}`);
  return response;
}
