import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { WorkspaceRegistry } from "../../server/workspaces/registry.ts";
import { failAt } from "../support/faults.ts";
import { addWorkspace, memoryRoot } from "../support/memory-root.ts";

const VICTIM = fileURLToPath(new URL("../support/registry-victim.ts", import.meta.url));
const NEW = { machine: "laptop", tool: "codex", project: "new" };
/** More calls than a registration makes. */
const ENDLESS = 200;

it("survives a kill at any call that changes the disk", { timeout: 120_000 }, async () => {
  const faults: string[] = [];

  for (let at = 1; at < ENDLESS; at++) {
    await using root = await memoryRoot();
    const old = await addWorkspace(root, "old");
    const victim = spawn(process.execPath, [VICTIM, root.path, `${at}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const token = Buffer.concat(await victim.stdout.toArray()).toString();
    if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
    faults.push(...(await faultsAfter(root.path, old, token)).map((fault) => `killed at ${at}: ${fault}`));
    if (token !== "") break;
  }

  expect(faults).toEqual([]);
});

it.each(["EIO", "ENOSPC"] as const)("survives %s at any call", async (code) => {
  const faults: string[] = [];
  let isReached = true;

  for (let at = 1; isReached && at < ENDLESS; at++) {
    await using root = await memoryRoot();
    const old = await addWorkspace(root, "old");
    const registry = await WorkspaceRegistry.open(root.path, root.guard);
    let token = "";
    {
      using injected = await failAt(at, code);
      try {
        token = await registry.issueWriteToken((await registry.register(NEW)).identity.id);
      } catch {
        // Refused: what counts is what is on the disk.
      }
      isReached = injected.reached;
    }
    faults.push(...(await faultsAfter(root.path, old, token)).map((fault) => `${code} at ${at}: ${fault}`));
  }

  expect(faults).toEqual([]);
});

/** What is wrong after the next start. `token` is the one the caller was given, "" when it got none. */
async function faultsAfter(root: string, old: string, token: string): Promise<string[]> {
  const faults: string[] = [];
  const guard = new WriteGuard(root);
  const registry = await WorkspaceRegistry.open(root, guard);
  const found = registry.list().find(({ project }) => project === "new");
  if (registry.get(old) === undefined) faults.push("another workspace is lost");
  if (registry.damaged.length > 0) faults.push("an identity is damaged");
  if (token !== "" && found?.write_token_hash !== sha256(token)) faults.push("an acknowledged token is lost");
  const meta = await readdir(join(root, "_meta"));
  if (meta.some((name) => name.includes("damaged") || name.startsWith(".tmp")))
    faults.push("_meta is littered");
  const file = await readFile(join(root, "_meta/workspaces.json"), "utf8");
  if (file.includes('"new"') !== (found !== undefined)) faults.push("the registry file differs");
  if ((await registry.register(NEW)).created === (found !== undefined))
    faults.push("registering again fails");
  return faults;
}
