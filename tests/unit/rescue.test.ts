import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cleanupOf, DAY_MS, expiryOf } from "../../client/archive/expiry.ts";
import type { Transcript } from "../../client/archive/find.ts";
import { bytesAndRate } from "../../client/progress.ts";
import { byExpiry, censusOf } from "../../client/rescue/census.ts";
import { censusScreen, rescuedScreen } from "../../client/rescue/screen.ts";
import { emptyReport } from "../../client/sync/report.ts";
import { tempFolder } from "../support/temp-folder.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const CLEANUP = { days: 30, file: undefined };
const URL = "https://memory.example.com:7443";

/** A transcript that was written so many days ago. */
function written(
  days: number,
  client: Transcript["client"] = "claude-code",
  sizeBytes = 1_000_000,
): Transcript {
  const path = `/${client}/${days}.jsonl`;
  return { path, client, sessionId: path, compressed: false, sizeBytes, mtimeMs: NOW - days * DAY_MS };
}

/** The size of the smallest terminal that people use. */
function expectOneScreen(text: string): void {
  const lines = text.split("\n");
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
}

describe("when Claude Code deletes transcripts", () => {
  const cases: [name: string, files: Record<string, string>, days: number][] = [
    ["30 days where nobody says otherwise", {}, 30],
    ["what the person's settings say", { "settings.json": '\ufeff{"cleanupPeriodDays": 90}' }, 90],
    [
      "what local settings say before those",
      { "settings.json": '{"cleanupPeriodDays": 90}', "settings.local.json": '{"cleanupPeriodDays": 7}' },
      7,
    ],
    [
      "what an administrator says before all",
      { "settings.json": '{"cleanupPeriodDays": 90}', "managed.json": '{"cleanupPeriodDays": 3}' },
      3,
    ],
    [
      "30 days where the file has a comment, which Claude Code does not read",
      { "settings.json": '{"cleanupPeriodDays": 90} // long' },
      30,
    ],
    [
      "30 days for a 0, with which Claude Code does not read the file",
      { "settings.json": '{"cleanupPeriodDays": 0}' },
      30,
    ],
  ];

  it.each(cases)("%s", async (_name, files, days) => {
    await using folder = await tempFolder();
    const claude = join(folder.path, ".claude");
    await mkdir(claude);
    for (const [name, text] of Object.entries(files)) await writeFile(join(claude, name), text);

    const cleanup = await cleanupOf(claude, join(claude, "managed.json"));

    expect(cleanup.days).toBe(days);
  });

  it("is so long after the last change, and never for Codex", () => {
    expect(expiryOf(written(10), CLEANUP)).toBe(NOW + 20 * DAY_MS);
    expect(expiryOf(written(10, "codex"), CLEANUP)).toBe(Infinity);
  });
});

describe("a rescue", () => {
  it("takes first what goes first, and last what stays", () => {
    const found = [written(1), written(400, "codex"), written(29), written(31), written(2, "codex")];

    const order = byExpiry(found, CLEANUP).map(({ path }) => path);

    expect(order).toEqual([
      "/claude-code/31.jsonl",
      "/claude-code/29.jsonl",
      "/claude-code/1.jsonl",
      "/codex/400.jsonl",
      "/codex/2.jsonl",
    ]);
  });

  it("counts what goes when", () => {
    const pending = [written(31), written(29.5), written(25), written(5), written(9, "codex")];
    const all = [...pending, written(1)];

    const { expiring, to_send, found, first_expires } = censusOf(all, pending, {
      cleanup: { days: 37, file: undefined },
      nowMs: NOW,
    });
    const now = censusOf(all, pending, { cleanup: CLEANUP, nowMs: NOW });

    expect(to_send).toEqual({ files: 5, bytes: 5_000_000 });
    expect(found["claude-code"].files).toBe(5);
    expect(first_expires).toBe("2026-11-27T12:00:00.000Z");
    expect(filesOf(expiring)).toEqual({ today: 0, this_week: 1, this_month: 2, later: 1, never: 1 });
    expect(filesOf(now.expiring)).toEqual({ today: 2, this_week: 1, this_month: 1, later: 0, never: 1 });
  });

  it("shows what is here in one screen", async () => {
    const pending = [
      written(31, "claude-code", 84_200_000),
      written(29.5),
      written(25),
      written(5),
      written(9, "codex", 2_100),
    ];
    const census = censusOf([...pending, written(1)], pending, { cleanup: CLEANUP, nowMs: NOW });

    const screen = censusScreen(census, { url: URL, cleanup: CLEANUP, nowMs: NOW });

    expectOneScreen(screen);
    await expect(`${screen}\n`).toMatchFileSnapshot("../golden/screens/rescue-census.txt");
  });

  it("shows in one screen what became of it, and how no more is lost", async () => {
    const report = emptyReport();
    Object.assign(report.sessions, { created: 1202, appended: 3, unchanged: 20, failed: 2 });
    Object.assign(report, { waiting: 1, set_aside: 1, bytes_sent: 91_000_000 });
    const about = { cleanup: CLEANUP, settings: "/home/ann/.claude/settings.json", hasClaude: true };

    const screen = rescuedScreen(report, about);
    const kept = rescuedScreen(report, { ...about, cleanup: { days: 3650, file: about.settings } });

    expectOneScreen(screen);
    expect(kept).not.toContain("cleanupPeriodDays");
    await expect(`${screen}\n`).toMatchFileSnapshot("../golden/screens/rescue-done.txt");
  });

  it("says how fast it is and how long it takes, once that can be told", () => {
    expect(bytesAndRate(0, 80_000_000, 5000)).toBe("0 B/80.0 MB");
    expect(bytesAndRate(20_000_000, 80_000_000, 10)).toBe("20.0 MB/80.0 MB");
    expect(bytesAndRate(20_000_000, 80_000_000, 5000)).toBe("20.0 MB/80.0 MB, 4.0 MB/s, 15 s left");
    expect(bytesAndRate(20_000_000, 80_000_000_000, 5000)).toBe("20.0 MB/80.0 GB, 4.0 MB/s, 5 h left");
  });
});

function filesOf(heaps: Record<string, { files: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(heaps).map(([term, { files }]) => [term, files]));
}
