import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KillCampaign } from "../support/kill-campaign.ts";
import { tempFolder } from "../support/temp-folder.ts";

const CYCLES = 200;
const CONVICTION_CYCLES = 40;
const MINUTES = 60_000;
const BROKEN_WRITER = join(import.meta.dirname, "../fixtures/broken-writer.mjs");

const seed = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);

describe(`case 11: kill -9 in the middle of uploads and overwrites (KILL_SEED=${seed})`, () => {
  it("convicts a writer that writes in place", { timeout: 5 * MINUTES }, async () => {
    await using folder = await tempFolder();
    const campaign = new KillCampaign(folder.path, seed, { NODE_OPTIONS: `--import=${BROKEN_WRITER}` });
    const breaches: string[] = [];

    for (let cycle = 0; cycle < CONVICTION_CYCLES && breaches.length === 0; cycle += 1)
      breaches.push(...(await campaign.cycle()));

    expect(breaches.join("\n")).toMatch(/torn|gone|damaged|lost/);
  });

  it(
    `loses and tears nothing in ${CYCLES} kills (D1, D5, A1, A3, A4)`,
    { timeout: 15 * MINUTES },
    async () => {
      await using folder = await tempFolder();
      const campaign = new KillCampaign(folder.path, seed);
      const breaches: string[] = [];

      for (let cycle = 0; cycle < CYCLES; cycle += 1) breaches.push(...(await campaign.cycle()));
      breaches.push(...(await campaign.finalBreaches()));

      expect(breaches).toEqual([]);
      expect(campaign.acknowledged).toBeGreaterThan(CYCLES);
    },
  );
});
