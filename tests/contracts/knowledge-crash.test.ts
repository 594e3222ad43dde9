import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isTempName } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { failAt } from "../support/faults.ts";
import { BROKEN, NEW, STEPS, type Step } from "../support/knowledge-steps.ts";
import { openKnowledge } from "../support/knowledge.ts";

const VICTIM = fileURLToPath(new URL("../support/knowledge-victim.ts", import.meta.url));
/** More calls than any step makes. */
const ENDLESS = 200;
const names = Object.keys(STEPS);
const cases = Object.entries<Step>(STEPS);

describe("a process killed at any call that changes the disk (D1, A1, A2, A3, A4)", () => {
  it.each(cases)(
    "leaves the %s old or new, whole, and rolled forward",
    { timeout: 120_000 },
    async (name, step) => {
      const faults: string[] = [];
      let kills = 0;

      for (let at = 1; at < ENDLESS; at++) {
        const result = await killAt(name, step, at);
        faults.push(...result.faults.map((fault) => `killed at call ${at}: ${fault}`));
        if (result.acked) break;
        kills += 1;
      }

      expect(names).toContain(name);
      expect(faults).toEqual([]);
      expect(kills).toBeGreaterThan(5);
    },
  );

  it("convicts a writer that overwrites in place", { timeout: 120_000 }, async () => {
    const results = await Promise.all([2, 3].map((at) => killAt("broken", BROKEN, at)));

    expect(results.flatMap(({ faults }) => faults)).toContain("the file is torn");
  });
});

describe.each(["EIO", "ENOSPC"] as const)("a call that fails with %s (D4, A2)", (code) => {
  it.each(cases)("never makes a false ack of the %s", { timeout: 120_000 }, async (_, step) => {
    const faults: string[] = [];

    for (let at = 1; at < ENDLESS; at++) {
      const result = await failCall(step, at, code);
      faults.push(...result.faults.map((fault) => `${code} at call ${at}: ${fault}`));
      if (!result.reached) break;
    }

    expect(faults).toEqual([]);
  });
});

it("answers conflict when somebody takes the number of a version meanwhile, of a hand edit's too (I1)", async () => {
  await using opened = await openKnowledge();
  const { store, id, folder } = opened;
  await store.write(id, "a.md", Buffer.from("one"));
  await writeFile(join(folder, "knowledge/new"), "by hand");
  await rename(join(folder, "knowledge/new"), join(folder, "knowledge/a.md"));

  for (const at of [1, 2]) {
    using fault = await failAt(at, "EEXIST", "link");

    await expect(store.write(id, "a.md", Buffer.from("two"))).rejects.toMatchObject({ code: "conflict" });
    expect(fault.reached).toBe(true);
  }
  expect((await store.read(id, "a.md")).bytes.toString()).toBe("by hand");
});

it("acks a deletion although the folder it leaves empty cannot be removed", async () => {
  await using opened = await openKnowledge();
  const { store, id } = opened;
  await store.write(id, "folder/a.md", Buffer.from("one"));
  using fault = await failAt(1, "EIO", "rmdir");

  const answer = await store.delete(id, "folder/a.md");

  expect(fault.reached).toBe(true);
  expect(answer).toEqual({ path: "folder/a.md", kept_version: 1 });
  await expect(store.read(id, "folder/a.md")).rejects.toMatchObject({ code: "not_found" });
});

async function killAt(name: string, step: Step, at: number): Promise<{ acked: boolean; faults: string[] }> {
  await using opened = await openKnowledge();
  await step.prepare(opened);
  const victim = spawn(process.execPath, [VICTIM, opened.root, opened.id, name, `${at}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await victim.stdout.toArray();
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
  const acked = Buffer.concat(output).toString() === "acked";

  const store = opened.reopen();
  await store.recover([opened.id]);
  const faults = await faultsAfter(step, opened, { acked });
  if (!acked && victim.signalCode !== "SIGKILL") faults.push(`ended with ${victim.exitCode}`);
  return { acked, faults };
}

async function failCall(step: Step, at: number, code: "EIO" | "ENOSPC") {
  await using opened = await openKnowledge();
  await step.prepare(opened);
  let acked = true;
  let reached: boolean;
  {
    using injected = await failAt(at, code);
    await step.act(opened).catch(() => (acked = false));
    reached = injected.reached;
  }

  const store = opened.reopen();
  await store.recover([opened.id]);
  return { reached, faults: await faultsAfter(step, opened, { acked }) };
}

/** What is wrong with the store after `step` was interrupted and the next start has cleaned up. */
async function faultsAfter(
  step: Step,
  opened: Awaited<ReturnType<typeof openKnowledge>>,
  { acked }: { acked: boolean },
): Promise<string[]> {
  const { folder, id } = opened;
  const faults: string[] = [];
  const current = await unlessMissing(readFile(join(folder, step.file)));
  const isBefore = same(current, step.before);
  const isAfter = same(current, step.after);
  if (!isBefore && !isAfter) faults.push("the file is torn");
  if (acked && !isAfter) faults.push("an acknowledged change is lost");
  const all = await readdir(folder, { recursive: true });
  if (all.some((path) => isTempName(path.split("/").at(-1) ?? ""))) faults.push("a temporary file is left");

  const names = ((await unlessMissing(readdir(join(folder, step.versions)))) ?? []).sort();
  const versions = await Promise.all(names.map((name) => readFile(join(folder, step.versions, name))));
  const contents = current === undefined ? versions : [...versions, current];
  if (!step.kept.every((kept) => contents.some((content) => kept.equals(content))))
    faults.push("an earlier content is lost");
  if (isAfter && !(await agrees(join(folder, step.file), join(folder, step.versions, names.at(-1) ?? ""))))
    faults.push("the newest version is not the current file");

  const store = opened.reopen();
  const path = step.file.replace(/^knowledge\//, "");
  const written = path === step.file ? await store.writeOverview(id, NEW) : await store.write(id, path, NEW);
  if (written.status === "unchanged" && !isAfter) faults.push("writing again does nothing");
  return faults;
}

function same(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

async function agrees(file: string, newest: string): Promise<boolean> {
  const current = await unlessMissing(lstat(file));
  const version = await unlessMissing(lstat(newest));
  if (current === undefined) return version === undefined || newest.endsWith(".deleted");
  return current.ino === version?.ino;
}
