import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Archive } from "../../server/sessions/session.ts";
import { ArchiveOrders } from "../../server/index/orders/archive-orders.ts";
import { JobQueue, type Job } from "../../server/index/changes/job-queue.ts";
import type { ToWriter } from "../../server/index/messages.ts";
import { NewestFirst } from "../../server/index/newest-first.ts";
import { LIMITS } from "../../contract/limits.ts";

const WS = "laptop-codex-webshop";

function archive(sessionId: string, endedMs = 0, sha256 = "a"): Archive {
  const times = { startedMs: endedMs, endedMs };
  return { workspaceId: WS, sessionId, sha256, ...times, lines: 1, bytes: 1, archive: "" };
}

function file(
  path: string,
  wish: { timeMs?: number; own?: number; isUrgent?: boolean; sinceMs?: number } = {},
): Job {
  return {
    type: "file",
    file: { workspaceId: WS, path },
    timeMs: 0,
    own: 0,
    isUrgent: false,
    sinceMs: 0,
    ...wish,
  };
}

const nameOf = (job: Job | undefined) =>
  job === undefined
    ? undefined
    : job.type === "file"
      ? job.file.path
      : job.type === "forget"
        ? job.session.sessionId
        : job.order.archive.sessionId;

function drained(queue: JobQueue): (string | undefined)[] {
  return Array.from({ length: queue.size }, () => nameOf(queue.take()));
}

describe("what waits to be indexed", () => {
  it("comes out urgent first, in order of arrival, then newest first", () => {
    const queue = new JobQueue();
    queue.add(file("old", { timeMs: 1 }));
    queue.add({ type: "archive", order: { archive: archive("newer", 3), number: 1, isUrgent: false } });
    queue.add(file("new", { timeMs: 2 }));
    queue.add(file("first", { isUrgent: true }));
    queue.add({ type: "archive", order: { archive: archive("second"), number: 2, isUrgent: true } });
    queue.add({ type: "forget", session: { workspaceId: WS, sessionId: "gone" } });

    expect(queue.files).toBe(3);
    expect(drained(queue)).toEqual(["first", "second", "newer", "new", "old", "gone"]);
    expect([queue.files, queue.filesOf(WS)]).toEqual([0, 0]);
  });

  it("waits once, as it was wished last; whoever waits for a file waits for all wishes", () => {
    const queue = new JobQueue();
    queue.add(file("a", { own: 3, isUrgent: true }));
    queue.add(file("a", { own: 0 }));
    queue.add({ type: "archive", order: { archive: archive("s", 1, "old"), number: 1, isUrgent: true } });
    queue.add({ type: "archive", order: { archive: archive("s", 1, "new"), number: 2, isUrgent: false } });

    expect(queue.size).toBe(2);
    expect(queue.take()).toMatchObject({ file: { path: "a" }, own: 3, isUrgent: true });
    expect(queue.take()).toMatchObject({ order: { number: 2, archive: { sha256: "new" } } });
  });

  it("has waited since it was wished first, also when it was taken in vain", () => {
    const queue = new JobQueue();
    const now = performance.now();
    const age = () => Math.round((queue.oldestFileMs ?? -1000) / 1000);

    const ages = [age()];
    queue.add(file("old", { sinceMs: now - 60_000 }));
    queue.add(file("old", { sinceMs: now, isUrgent: true }));
    queue.add(file("new", { sinceMs: now - 5000 }));
    ages.push(age());
    const taken = queue.take();
    ages.push(age());
    if (taken !== undefined) queue.giveBack(taken);
    ages.push(age());

    expect(ages).toEqual([-1, 60, 5, 60]);
  });

  it("goes behind what was wished since, when it is given back", () => {
    const queue = new JobQueue();
    const taken: Job = {
      type: "archive",
      order: { archive: archive("s", 1, "old"), number: 1, isUrgent: true },
    };
    queue.add({ type: "archive", order: { archive: archive("s", 1, "new"), number: 2, isUrgent: true } });
    queue.add(file("a", { own: 2 }));

    queue.giveBack(taken);
    queue.giveBack(file("a", { own: 5 }));

    expect(queue.size).toBe(2);
    expect([queue.take(), queue.take()]).toMatchObject([{ order: { number: 2 } }, { own: 5 }]);
  });

  it("leaves alone what somebody works on", () => {
    const queue = new JobQueue();
    queue.add(file("a", { isUrgent: true }));
    queue.add(file("b", { isUrgent: true }));

    const taken = queue.takeUrgent([`file\0${WS}\0a`]);

    expect(nameOf(taken)).toBe("b");
    expect(queue.takeUrgent([`file\0${WS}\0a`])).toBeUndefined();
  });

  it("keeps its order while things come and go", () => {
    const waiting = new NewestFirst<string>();
    for (const [name, timeMs] of Object.entries({ a: 1, b: 5, c: 3 })) waiting.set(name, name, timeMs);

    const first = waiting.take();
    waiting.set("d", "d", 4);
    waiting.set("a", "later a", 9);
    waiting.delete("c");

    expect([first, waiting.take(), waiting.take(), waiting.take()]).toEqual(["b", "later a", "d", undefined]);
    expect(waiting.size).toBe(0);
  });
});

describe("orders of archives", () => {
  function desk(): { orders: ArchiveOrders; sent: ToWriter[] } {
    const sent: ToWriter[] = [];
    return { orders: new ArchiveOrders((message) => void sent.push(message)), sent };
  }

  it("go to the writer a few at a time, newest first, and urgent ones at once", () => {
    const { orders, sent } = desk();
    const { waitingArchives } = LIMITS.index;
    for (let index = 0; index < 2 * waitingArchives; index += 1)
      orders.add(archive(`s${index}`, index), { isUrgent: false });

    orders.fill();
    orders.add(archive("now"), { isUrgent: true });
    orders.fill();

    expect(sent).toHaveLength(waitingArchives + 1);
    expect(sent[0]).toMatchObject({ order: { archive: { sessionId: `s${2 * waitingArchives - 1}` } } });
    expect(sent.at(-1)).toMatchObject({ order: { archive: { sessionId: "now" }, isUrgent: true } });
    expect(orders.size).toBe(2 * waitingArchives + 1);
  });

  it("are made once for the same bytes, again for others, and are done when the last one is", () => {
    const { orders, sent } = desk();
    orders.add(archive("s"), { isUrgent: true });
    orders.add(archive("s"), { isUrgent: true });
    orders.add(archive("s", 0, "b"), { isUrgent: true });
    const session = { workspaceId: WS, sessionId: "s" };

    orders.settle([{ session, number: 1, held: undefined }]);
    const between = orders.size;
    orders.settle([{ session, number: 2, held: undefined }]);

    expect(sent).toHaveLength(2);
    expect([between, orders.size]).toEqual([1, 0]);
  });

  it("have waited since they were made first, also when the thread died meanwhile", async () => {
    const { orders } = desk();
    const session = { workspaceId: WS, sessionId: "s" };
    orders.add(archive("s"), { isUrgent: true });
    await sleep(20);

    orders.lose(0);
    const without = orders.oldestMs;
    orders.add(archive("s"), { isUrgent: true });
    orders.add(archive("new"), { isUrgent: true });
    const again = orders.oldestMs;
    orders.settle([{ session, number: 2, held: undefined }]);
    const after = orders.oldestMs;
    orders.forget({ workspaceId: WS, sessionId: "new" });

    expect([without, orders.oldestMs]).toEqual([undefined, undefined]);
    expect(again).toBeGreaterThan(19);
    expect(after).toBeLessThan(again ?? 0);
  });

  it("are refused for bytes that the thread died of, again and again", () => {
    const { orders, sent } = desk();
    for (let death = 0; death < LIMITS.index.deaths; death += 1) {
      orders.add(archive("deadly"), { isUrgent: true });
      const last = sent.at(-1);
      orders.lose(last?.type === "archive" ? last.order.number : 0);
    }

    orders.add(archive("deadly"), { isUrgent: true });
    orders.add(archive("deadly", 0, "other bytes"), { isUrgent: true });

    expect(sent.map(({ type }) => type)).toEqual(["archive", "archive", "refuse", "archive"]);
  });
});
