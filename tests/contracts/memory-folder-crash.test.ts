import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { removeLeftovers } from "../../client/memories/leftovers.ts";
import { SharedFolder } from "../../client/memories/shared-folder.ts";
import { LIMITS } from "../../contract/limits.ts";
import { failAt } from "../support/faults.ts";
import { FOLDER_STEPS, isSame, type Files, type FolderStep } from "../support/folder-steps.ts";
import { treeOf } from "../support/memory-answers.ts";
import { runProgram } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";

const VICTIM = fileURLToPath(new URL("../support/folder-victim.ts", import.meta.url));
/** More calls than a step makes. */
const ENDLESS = 200;
/** Deaths that are tried at once. */
const AT_ONCE = 4;
const cases = Object.entries<FolderStep>(FOLDER_STEPS);

describe("a program killed at any call that changes the disk", () => {
  it.each(cases)("leaves the memory as before or as after: %s", { timeout: 120_000 }, async (name, step) => {
    const faults: string[] = [];
    let kills = 0;

    for (let first = 1, isWhole = false; !isWhole && first < ENDLESS; first += AT_ONCE) {
      const points = Array.from({ length: AT_ONCE }, (_, index) => first + index);
      const results = await Promise.all(points.map((at) => killAt(name, step, at)));
      faults.push(...results.flatMap((result) => result.faults));
      kills += results.filter((result) => !result.isWhole).length;
      isWhole = results.some((result) => result.isWhole);
    }

    expect(faults).toEqual([]);
    expect(kills).toBeGreaterThan(5);
  });
});

describe.each(["EIO", "ENOSPC"] as const)("a call that fails with %s", (code) => {
  it.each(cases)("is no success, and tears nothing: %s", { timeout: 120_000 }, async (_, step) => {
    const faults: string[] = [];
    let isReached = true;

    for (let at = 1; isReached && at < ENDLESS; at += 1) {
      await using opened = await openedWith(step.before);
      const { memory } = opened;
      let isDone = false;
      {
        using injected = await failAt(at, code);
        isDone = await step.act(memory).then(
          (result) => result === "done" || result === undefined,
          () => false,
        );
        isReached = injected.reached;
      }
      const now = await treeOf(memory);
      if (isDone && !isSame(now, step.after)) faults.push(`a false success at call ${at}`);
      faults.push(...(await faultsIn(opened.folder, step, now, at)));
    }

    expect([isReached, faults]).toEqual([false, []]);
  });
});

async function killAt(
  name: string,
  step: FolderStep,
  at: number,
): Promise<{ isWhole: boolean; faults: string[] }> {
  await using opened = await openedWith(step.before);
  const { stdout } = await runProgram([VICTIM, opened.folder, name, `${at}`], {});
  const isWhole = stdout === "whole";
  const now = await treeOf(opened.memory);
  const faults = isWhole && !isSame(now, step.after) ? ["not as it was told"] : [];
  return { isWhole, faults: [...faults, ...(await faultsIn(opened.folder, step, now, at))] };
}

/** What is wrong with the memory, and with the next change of another program. */
async function faultsIn(folder: string, step: FolderStep, now: Files, at: number): Promise<string[]> {
  const faults: string[] = [];
  const isGood = isSame(now, step.before) || isSame(now, step.after) || step.isBetween?.(now) === true;
  if (!isGood) faults.push(`call ${at}: neither as before nor as after: ${JSON.stringify(now)}`);
  const next = await SharedFolder.open(folder);
  if ((await next.create("next.md", Buffer.from("n"))) !== "done") faults.push(`call ${at}: no next change`);
  await removeLeftovers(folder, Date.now() + 2 * LIMITS.client.memoryLeftoverMs);
  const left = (await readdir(folder, { recursive: true })).filter((path) => path.includes("."));
  const hidden = left.filter((path) => path.split("/").some((part) => part.startsWith(".")));
  return [...faults, ...hidden.map((path) => `call ${at}: left behind: ${path}`)];
}

async function openedWith(files: Files) {
  const temp = await tempFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(temp.path, path)), { recursive: true });
    await writeFile(join(temp.path, path), text);
  }
  const memory = await SharedFolder.open(temp.path);
  return { memory, folder: temp.path, [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose]() };
}
