import { expect, it } from "vitest";
import { environmentOf } from "../../client/home/home.ts";
import type { Job } from "../../client/outbox/job.ts";
import { Outbox } from "../../client/outbox/outbox.ts";
import { RemoteError } from "../../client/remote/remote-error.ts";
import { OutboxReport } from "../../client/sync/outbox-report.ts";
import { VERSION } from "../../client/version.ts";
import { tempFolder } from "../support/temp-folder.ts";

const HOUR_MS = 3_600_000;

function job(path: string, more: Partial<Job> = {}): Job {
  const created = new Date(Date.now() - HOUR_MS).toISOString();
  return { kind: "session", path, reason: "", created_at: created, tries: 1, ...more };
}

/** Keeps what would be sent. */
class Listener {
  readonly reported: string[] = [];
  readonly told: string[] = [];

  report(text: string): void {
    this.reported.push(text);
  }

  async tell(text: string): Promise<void> {
    this.told.push(text);
    throw new RemoteError("network", "gone");
  }
}

async function scene() {
  const folder = await tempFolder();
  const outbox = new Outbox(environmentOf({ MEMORY_SYNC_HOME: folder.path }).home);
  const feeder = new Listener();
  const begin = () => OutboxReport.begin({ feeder, outbox, machine: "Büro Mac" });
  return { outbox, feeder, begin, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

it("counts what failed: what waits, what is set aside, and since when the oldest waits", async () => {
  await using given = await scene();
  const { outbox, feeder, begin } = given;
  const later = new Date(Date.now() + 600_000).toISOString();
  await outbox.add(job("/never-tried", { tries: 0, created_at: "2026-01-01T00:00:00.000Z" }));
  await outbox.add(job("/aside", { set_aside_at: later, created_at: "2026-01-01T00:00:00.000Z" }));
  await outbox.add(job("/due"));
  await outbox.add(job("/waits", { not_before: later, created_at: new Date().toISOString() }));

  await begin();

  const [said = "", ...more] = feeder.reported;
  const seconds = Number(/; oldest_s=(\d+)$/.exec(said)?.[1]);
  expect(more).toEqual([]);
  expect(said.replace(/\d+$/, "")).toBe(
    `version=${VERSION}; machine=b%C3%BCro-mac; waiting=2; set_aside=1; oldest_s=`,
  );
  expect(seconds).toBeGreaterThanOrEqual(3600);
  expect(seconds).toBeLessThan(3700);
});

it("is said again at the end when it changed, and only then; that nobody listens is no failure", async () => {
  await using given = await scene();
  const { outbox, feeder, begin } = given;
  const report = await begin();

  await report.end();
  const unchanged = [...feeder.told];
  await outbox.add(job("/failed"));
  await report.end();

  expect(unchanged).toEqual([]);
  expect(feeder.told).toEqual([expect.stringContaining("waiting=1; set_aside=0; oldest_s=36")]);
});

it.each(["2090-01-01T00:00:00.000Z", "no time"])("says 0 s of a job that was made at %s", async (created) => {
  await using given = await scene();
  await given.outbox.add(job("/odd", { created_at: created }));

  await given.begin();

  expect(given.feeder.reported).toEqual([expect.stringMatching(/waiting=1; set_aside=0; oldest_s=0$/)]);
});
