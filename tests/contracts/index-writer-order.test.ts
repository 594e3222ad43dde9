import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import type { Archive } from "../../server/sessions/session.ts";
import { SessionStore } from "../../server/sessions/store.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { SOON, WS } from "../support/index-lab.ts";
import { lines, upload } from "../support/session-store.ts";
import { WriterLab } from "../support/writer-lab.ts";

const LONG = "long";
/** More than one reading takes at once, and more than goes before what waits already. */
const MANY = 2 * LIMITS.index.urgentDocuments;

/** The writer begins with a long session, which takes it many transactions. */
async function busyLab(): Promise<{ lab: WriterLab; orderOthers: () => void }> {
  const lab = await WriterLab.make();
  const store = new SessionStore(lab.root, new WriteGuard(lab.root));
  await store.upload(WS, upload(LONG, lines(40_000)));
  for (let short = 0; short < MANY; short += 1) await store.upload(WS, upload(`s${short}`, lines(2, short)));
  for (let file = 0; file < MANY; file += 1) await lab.put(`${file}.md`);
  const archives = await store.archives(WS);
  const order = (isWanted: (archive: Archive) => boolean) => {
    for (const [number, archive] of archives.entries())
      if (isWanted(archive))
        lab.writer.receive({ type: "archive", order: { archive, number, isUrgent: false } });
  };
  order(({ sessionId }) => sessionId === LONG);
  return { lab, orderOthers: () => order(({ sessionId }) => sessionId !== LONG) };
}

/** Names of the sessions that are indexed, in their order. */
const sessionsIn = (lab: WriterLab) =>
  lab.said.flatMap((message) =>
    message.type === "settled" ? message.archives.map(({ session }) => session.sessionId) : [],
  );

it("indexes files and short sessions while it is at a long one", async () => {
  const { lab, orderOthers } = await busyLab();
  await using _lab = lab;

  lab.writer.receive({ type: "walk", workspaceIds: [WS] });
  orderOthers();
  await expect.poll(() => sessionsIn(lab), SOON).toContain(LONG);

  expect(sessionsIn(lab)).toHaveLength(MANY + 1);
  expect(sessionsIn(lab).at(-1)).toBe(LONG);
  const types = lab.said.map((message) =>
    message.type === "settled" && message.archives.some(({ session }) => session.sessionId === LONG)
      ? LONG
      : message.type,
  );
  expect(types.indexOf("ready")).toBeGreaterThan(0);
  expect(types.indexOf("ready")).toBeLessThan(types.indexOf(LONG));
});

it("begins anew while it is at a long session, and does that afterwards", async () => {
  const { lab } = await busyLab();
  await using _lab = lab;
  const opened = () => lab.said.filter(({ type }) => type === "sessions");
  await expect.poll(opened, SOON).toHaveLength(1);

  lab.writer.receive({ type: "rebuild", kinds: ["sessions"] });
  await expect.poll(opened, SOON).toHaveLength(2);
  const before = sessionsIn(lab);
  await expect.poll(() => sessionsIn(lab), SOON).toEqual([LONG]);

  expect(before).toEqual([]);
});
