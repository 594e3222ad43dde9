import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { failAt } from "../support/faults.ts";
import { openMemories } from "../support/memories.ts";
import { BROKEN, STEPS, type MemoryStep, type Tree } from "../support/memory-steps.ts";

const VICTIM = fileURLToPath(new URL("../support/memory-victim.ts", import.meta.url));
/** More calls than any step makes. */
const ENDLESS = 600;
/** Deaths that are tried at once. */
const AT_ONCE = 4;
const cases = Object.entries<MemoryStep>(STEPS);
const broken = Object.entries<MemoryStep>(BROKEN);

describe("a process killed at any call that changes the disk (D1, A1, A2, A3, A4)", () => {
  it.each(cases)(
    "leaves the memories as before or as after: %s",
    { timeout: 240_000 },
    async (name, step) => {
      const { faults, kills } = await killEverywhere(name, step);

      expect(faults).toEqual([]);
      expect(kills).toBeGreaterThan(5);
    },
  );

  it.each(broken)("convicts %s", { timeout: 240_000 }, async (name, step) => {
    const { faults } = await killEverywhere(name, step, { untilFault: true });

    expect(faults.join("\n")).toContain("neither as before nor as after");
  });
});

describe.each(["EIO", "ENOSPC"] as const)("a call that fails with %s (D4, A2)", (code) => {
  it.each(cases)("never makes a false ack: %s", { timeout: 240_000 }, async (_, step) => {
    const faults: string[] = [];

    for (let at = 1; at < ENDLESS; at++) {
      const result = await failCall(step, at, code);
      faults.push(...result.faults.map((fault) => `${code} at call ${at}: ${fault}`));
      if (!result.reached) break;
    }

    expect(faults).toEqual([]);
  });
});

async function killEverywhere(
  name: string,
  step: MemoryStep,
  { untilFault } = { untilFault: false },
): Promise<{ faults: string[]; kills: number }> {
  const faults: string[] = [];
  for (let first = 1; first < ENDLESS; first += AT_ONCE) {
    const points = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    const results = await Promise.all(points.map((at) => killAt(name, step, at)));
    for (const [index, result] of results.entries()) {
      faults.push(...result.faults.map((fault) => `killed at call ${points[index]}: ${fault}`));
      if (result.acked || (untilFault && faults.length > 0)) return { faults, kills: first + index - 1 };
    }
  }
  throw new Error("the step never ended");
}

async function killAt(
  name: string,
  step: MemoryStep,
  at: number,
): Promise<{ acked: boolean; faults: string[] }> {
  await using opened = await openedWith(step);
  const { root, id } = opened.knowledge;
  const victim = spawn(process.execPath, [VICTIM, root, id, name, `${at}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await victim.stdout.toArray();
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
  const acked = Buffer.concat(output).toString() === "acked";

  await opened.restart();
  const faults = await faultsAfter(step, opened, { acked });
  if (!acked && victim.signalCode !== "SIGKILL") faults.push(`ended with ${victim.exitCode}`);
  return { acked, faults };
}

async function failCall(step: MemoryStep, at: number, code: "EIO" | "ENOSPC") {
  await using opened = await openedWith(step);
  const { root, id } = opened.knowledge;
  let acked = true;
  let reached: boolean;
  {
    using injected = await failAt(at, code);
    await step.act({ files: opened.files, root, id }).catch(() => (acked = false));
    reached = injected.reached;
  }

  await opened.restart();
  return { reached, faults: await faultsAfter(step, opened, { acked }) };
}

async function openedWith(step: MemoryStep): ReturnType<typeof openMemories> {
  const opened = await openMemories();
  const { files, knowledge } = opened;
  for (const [path, text] of Object.entries(step.before)) await files.create(path, Buffer.from(text));
  await step.prepare?.({ files, root: knowledge.root, id: knowledge.id });
  return opened;
}

/** What is wrong with the memories after `step` was interrupted and the next start has cleaned up. */
async function faultsAfter(
  step: MemoryStep,
  { folder, knowledge }: Awaited<ReturnType<typeof openMemories>>,
  { acked }: { acked: boolean },
): Promise<string[]> {
  const faults: string[] = [];
  const versions = join(knowledge.folder, ".versions/memories");
  const tree = await treeOf(folder);
  const isAfter = same(tree, step.after);
  if (!isAfter && !same(tree, step.before))
    faults.push(`${Object.keys(tree).join()}: neither as before nor as after`);
  if (acked && !isAfter) faults.push("an acknowledged change is lost");

  const all = await readdir(knowledge.folder, { recursive: true });
  if (all.some((path) => isTempName(path.split("/").at(-1) ?? ""))) faults.push("a temporary file is left");
  if (all.some((path) => path.includes("intent"))) faults.push("an intent is left");
  const texts = new Set([...Object.values(step.before), ...Object.values(step.after), ""]);
  const kept = await treeOf(versions);
  if (!Object.values(kept).every((text) => texts.has(text))) faults.push("a version is torn");
  for (const [path, text] of Object.entries(step.before))
    if (kept[`${path}/000001.md`] !== text) faults.push(`the first version of ${path} is lost`);
  for (const path of Object.keys(tree))
    if (!(await isNewest(join(folder, path), join(versions, path))))
      faults.push(`${path} is not its newest version`);
  return faults;
}

/** Texts of all files below a folder, by their paths in it. */
async function treeOf(folder: string): Promise<Tree> {
  const entries = (await unlessMissing(readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "utf8")] as const),
  );
  return Object.fromEntries(texts);
}

function same(a: Tree, b: Tree): boolean {
  const paths = Object.keys(a);
  return paths.length === Object.keys(b).length && paths.every((path) => a[path] === b[path]);
}

async function isNewest(file: string, versions: string): Promise<boolean> {
  const [newest = ""] = (await readdir(versions)).sort().reverse();
  return (await lstat(file)).ino === (await lstat(join(versions, newest))).ino;
}
