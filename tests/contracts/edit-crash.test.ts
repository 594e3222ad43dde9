import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { putIn } from "../../client/edit/put-in.ts";
import { SetupRecord } from "../../client/edit/setup-record.ts";
import { takeBack } from "../../client/edit/take-back.ts";
import { failAt } from "../support/faults.ts";
import { editLab, editOf, HOOKED_SETTINGS, readIn, type EditLab } from "../support/edit-lab.ts";

const VICTIM = fileURLToPath(new URL("../support/edit-victim.ts", import.meta.url));
/** More calls than an edit makes. */
const ENDLESS = 200;
const settings = editOf("settings");

describe.each(["install", "uninstall"] as const)("an %s", (act) => {
  it(
    "that is killed at any call leaves the old file or the new one, and a way back",
    { timeout: 120_000 },
    async () => {
      const faults: string[] = [];
      let isWhole = false;

      for (let at = 1; !isWhole && at < ENDLESS; at++) {
        await using lab = await editLab(HOOKED_SETTINGS);
        if (act === "uninstall") await lab.install(settings);
        isWhole = await runVictim(lab, act, at);
        faults.push(...(await faultsAfter(lab, at)));
      }

      expect([isWhole, faults]).toEqual([true, []]);
    },
  );

  it.each(["EIO", "ENOSPC", "EROFS"] as const)(
    "that meets %s at any call does so too",
    { timeout: 120_000 },
    async (code) => {
      const faults: string[] = [];
      const refusals = new Set<string>();
      let isReached = true;

      for (let at = 1; isReached && at < ENDLESS; at++) {
        await using lab = await editLab(HOOKED_SETTINGS);
        if (act === "uninstall") await lab.install(settings);
        {
          await using record = await SetupRecord.open(lab.home);
          using injected = await failAt(at, code);
          try {
            const result = await (act === "install" ? putIn : takeBack)(record, lab.path, settings);
            if (result.state === "refused") refusals.add(result.why);
          } catch {
            // Refused: what counts is what is on the disk.
          }
          isReached = injected.reached;
        }
        faults.push(...(await faultsAfter(lab, at)));
      }

      expect([isReached, faults]).toEqual([false, []]);
      expect(refusals.has("It is read-only")).toBe(code === "EROFS");
    },
  );
});

/** What is wrong with a file whose edit did not end, and with what is made of it afterwards: every other time another install. */
async function faultsAfter(lab: EditLab, at: number): Promise<string[]> {
  const faults: string[] = [];
  const text = await readIn(lab);
  if (text !== HOOKED_SETTINGS && !text.includes("PreCompact")) faults.push(`torn at ${at}`);
  const again = at % 2 === 0 ? await lab.install(settings) : undefined;
  if (again?.state === "refused") faults.push(`refused at ${at}: ${again.why}`);
  const back = await lab.uninstall(settings);
  if (back.state === "refused") faults.push(`refused at ${at}: ${back.why}`);
  const files = (await lab.files()).map((file) => file.split(" ").slice(0, 2).join(" "));
  if (files.join() !== "settings 644" || (await readIn(lab)) !== HOOKED_SETTINGS)
    faults.push(`not as before at ${at}: ${files.join()}`);
  return faults;
}

async function runVictim(lab: EditLab, act: string, at: number): Promise<boolean> {
  const victim = spawn(process.execPath, [VICTIM, lab.home.root, lab.path, act, `${at}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = Buffer.concat(await victim.stdout.toArray()).toString();
  if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
  return said === "whole";
}
