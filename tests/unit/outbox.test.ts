import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { environmentOf, type Home } from "../../client/home/home.ts";
import type { Claim } from "../../client/outbox/claim.ts";
import { keyOf } from "../../client/outbox/enqueue.ts";
import type { Job } from "../../client/outbox/job.ts";
import { Outbox } from "../../client/outbox/outbox.ts";
import { afterFailure, delayMs, standingOf } from "../../client/outbox/retry.ts";
import { LIMITS } from "../../contract/limits.ts";
import { tempFolder } from "../support/temp-folder.ts";

const NOW = Date.parse("2026-11-21T06:00:00Z");

function jobFor(path: string, created = "2026-11-21T05:00:00.000Z"): Job {
  return { kind: "session", path, reason: "SessionEnd", created_at: created, tries: 0 };
}

async function outboxFixture() {
  const folder = await tempFolder();
  const { home } = environmentOf({ MEMORY_SYNC_HOME: folder.path });
  const clock = { now: () => NOW, random: () => 0.5 };
  return {
    home,
    outbox: new Outbox(home, clock),
    other: new Outbox(home, clock),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function names(home: Home, box: string): Promise<string[]> {
  return readdir(join(home.queue, box));
}

describe("the outbox", () => {
  it("P3: holds each job once, oldest first", async () => {
    await using fixture = await outboxFixture();
    const { outbox } = fixture;

    await outbox.add(jobFor("/late", "2026-11-21T05:30:00.000Z"));
    await outbox.add(jobFor("/early"));
    await outbox.add(jobFor("/early", "2026-11-21T05:45:00.000Z"));

    expect((await outbox.list()).map(({ path, standing }) => [path, standing])).toEqual([
      ["/early", "due"],
      ["/late", "due"],
    ]);
  });

  it("gives a job to one of two who want it", async () => {
    await using fixture = await outboxFixture();
    const { outbox, other } = fixture;
    const job = jobFor("/one");
    await outbox.add(job);

    const claims = await Promise.all([outbox.claim(keyOf(job)), other.claim(keyOf(job))]);

    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect(await outbox.list()).toMatchObject([{ path: "/one", standing: "claimed" }]);
  });

  it("takes a job again that is added while somebody works on it", async () => {
    await using fixture = await outboxFixture();
    const { outbox } = fixture;
    const job = jobFor("/grows");
    await outbox.add(job);
    const claim = await outbox.claim(keyOf(job));

    await outbox.add(job);
    if (claim !== undefined) await outbox.complete(claim);

    expect(await outbox.list()).toMatchObject([{ path: "/grows", standing: "due" }]);
    expect(await names(fixture.home, "done")).toHaveLength(1);
  });

  it("P3: takes back what a dead process had claimed, and not what a living one has", async () => {
    await using fixture = await outboxFixture();
    const { outbox, home } = fixture;
    const [dead, alive] = [jobFor("/dead"), jobFor("/alive")];
    await outbox.add(dead);
    await outbox.add(alive);
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await claimFor(home, keyOf(dead), pid);
    await claimFor(home, keyOf(alive), process.ppid);

    await outbox.recover();

    expect((await outbox.list()).map(({ path, standing }) => `${path} ${standing}`).sort()).toEqual([
      "/alive claimed",
      "/dead due",
    ]);
  });

  it("takes back the claim of an earlier process that had the same number", async () => {
    await using fixture = await outboxFixture();
    const { outbox, home } = fixture;
    const job = jobFor("/reborn");
    await outbox.add(job);
    await claimFor(home, keyOf(job), process.pid);

    await outbox.recover();

    expect(await outbox.list()).toMatchObject([{ standing: "due" }]);
  });

  it("P4: keeps a failed job with its next time", async () => {
    await using fixture = await outboxFixture();
    const { outbox } = fixture;
    const job = jobFor("/fails");
    await outbox.add(job);
    const claim = await outbox.claim(keyOf(job));

    if (claim !== undefined) await outbox.fail(claim, { kind: "later", message: "no route" });

    expect(await outbox.list()).toMatchObject([
      { standing: "waiting", tries: 1, last_error: "no route", not_before: "2026-11-21T06:00:01.500Z" },
    ]);
    expect(await names(fixture.home, "cur")).toEqual([]);
  });

  it.each<[string, (outbox: Outbox, claim: Claim, job: Job) => Promise<void>]>([
    ["failed", (outbox, claim) => outbox.fail(claim, { kind: "later", message: "no route" })],
    ["was put back", (outbox, claim) => outbox.release(claim)],
    [
      "failed outside the outbox",
      (outbox, _, job) => outbox.addFailed(job, { kind: "hopeless", message: "no write token" }),
    ],
  ])("keeps the newer job that a hook added while the older one %s", async (_, end) => {
    await using fixture = await outboxFixture();
    const { outbox, other } = fixture;
    const job = jobFor("/grows");
    await outbox.add(job);
    const claim = await outbox.claim(keyOf(job));
    await other.add({ ...job, reason: "Stop", created_at: "2026-11-21T05:59:00.000Z" });

    if (claim !== undefined) await end(outbox, claim, job);

    const waiting = await names(fixture.home, "new");
    const [newer] = await Promise.all(
      waiting.map((name) => readFile(join(fixture.home.queue, "new", name), "utf8")),
    );
    expect(waiting).toHaveLength(1);
    expect(JSON.parse(newer ?? "")).toMatchObject({ reason: "Stop", tries: 0 });
    expect(JSON.parse(newer ?? "")).not.toHaveProperty("set_aside_at");
  });

  it("makes waiting and set aside jobs due when asked", async () => {
    await using fixture = await outboxFixture();
    const { outbox } = fixture;
    const job = jobFor("/hopeless");
    await outbox.addFailed(job, { kind: "hopeless", message: "no write token" });
    const [before] = await outbox.list();

    await outbox.hasten(keyOf(job));

    expect(before).toMatchObject({ standing: "set_aside" });
    expect(await outbox.list()).toMatchObject([{ standing: "due", tries: 0 }]);
  });

  it("O4: sets a damaged job aside with its bytes", async () => {
    await using fixture = await outboxFixture();
    const { outbox, home } = fixture;
    await outbox.add(jobFor("/good"));
    await writeFile(join(home.queue, "new", "feed.json"), '{"kind":"sess');

    await outbox.recover();

    const [damaged = ""] = await names(home, "damaged");
    expect(await readFile(join(home.queue, "damaged", damaged), "utf8")).toBe('{"kind":"sess');
    expect(await outbox.list()).toHaveLength(1);
  });

  it("has no jobs before there is a folder", async () => {
    await using fixture = await outboxFixture();

    expect(await fixture.outbox.list()).toEqual([]);
  });
});

/** As another process would have claimed it. */
async function claimFor(home: Home, key: string, pid: number): Promise<void> {
  await mkdir(join(home.queue, "cur"), { recursive: true });
  await rename(
    join(home.queue, "new", `${key}.json`),
    join(home.queue, "cur", `${key}.${pid}-00ff00ff.json`),
  );
}

describe("P4: the retry policy", () => {
  const { retryFirstMs, retryLastMs, triesBeforeSetAside } = LIMITS.client;
  const clock = { now: () => NOW, random: () => 0.999 };

  it("waits between the first and the last delay, never less, never more", () => {
    const holds = fc.check(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tries, random) => {
          const delay = delayMs(tries, random);

          return delay >= retryFirstMs && delay <= retryLastMs;
        },
      ),
    );

    expect(holds.failed).toBe(false);
  });

  it("tries without end what may work later", () => {
    let job = jobFor("/x");

    for (let round = 0; round < 500; round += 1)
      job = afterFailure(job, { kind: "later", message: "503" }, clock);

    expect(job).toMatchObject({ tries: 500 });
    expect(job.set_aside_at).toBeUndefined();
  });

  it("sets aside what was refused so many times, not one time earlier", () => {
    const refused = { kind: "refused", message: "403" } as const;
    let job = jobFor("/x");

    for (let round = 1; round < triesBeforeSetAside; round += 1) job = afterFailure(job, refused, clock);
    const last = afterFailure(job, refused, clock);

    expect(standingOf(job, NOW)).toBe("waiting");
    expect(standingOf(last, NOW)).toBe("set_aside");
  });

  it("obeys the server's wish to wait", () => {
    const job = afterFailure(jobFor("/x"), { kind: "later", message: "429", retryAfterMs: 3_600_000 }, clock);

    expect(job.not_before).toBe("2026-11-21T07:00:00.000Z");
  });

  it("does not wait for years when the clock was set back", () => {
    const job = { ...jobFor("/x"), not_before: "2031-01-01T00:00:00.000Z" };

    expect(standingOf(job, NOW)).toBe("due");
  });
});
