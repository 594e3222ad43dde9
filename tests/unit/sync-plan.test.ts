import { describe, expect, it } from "vitest";
import type { Transcript } from "../../client/archive/find.ts";
import { keyOf } from "../../client/outbox/enqueue.ts";
import { knowledgeJobKey, planSync, reasonFor, type Snapshot } from "../../client/sync/plan.ts";
import { deliveryFor } from "../../client/sync/send.ts";
import { knowledgeKey } from "../../client/sync/state.ts";

const FILE = { workspaceId: "a-b-c", path: "/n/x.md", upload: "x.md", sizeBytes: 5, mtimeMs: 1_000_000 };
const TRANSCRIPT: Transcript = {
  path: "/t/1.jsonl",
  client: "codex",
  sessionId: "1",
  compressed: false,
  sizeBytes: 9,
  mtimeMs: 1_000_000,
};
const NOTHING: Snapshot = { knowledge: new Map(), sessions: new Map(), queued: new Set() };

function known(size: number, changes: { mtime_ms?: number; seen_ms?: number } = {}) {
  return { size, mtime_ms: 1_000_000, sha256: "0".repeat(64), seen_ms: 1_060_000, ...changes };
}

describe("reasonFor", () => {
  it.each([
    ["never seen", undefined, "new"],
    ["as it was", known(5), undefined],
    ["another size", known(4), "changed"],
    ["another time", known(5, { mtime_ms: 999_000 }), "check"],
    ["looked at within the grain of the clock", known(5, { seen_ms: 1_001_000 }), "check"],
  ])("%s", (_, before, reason) => {
    expect(reasonFor(before, FILE)).toBe(reason);
  });
});

describe("planSync", () => {
  it("looks at everything when nothing is known", () => {
    const plan = planSync(NOTHING, { files: [FILE], transcripts: [TRANSCRIPT] });

    expect(plan.actions.map(({ kind, reason }) => [kind, reason])).toEqual([
      ["knowledge", "new"],
      ["session", "new"],
    ]);
  });

  it("does nothing when nothing changed", () => {
    const snapshot = {
      ...NOTHING,
      knowledge: new Map([[knowledgeKey(FILE), known(5)]]),
      sessions: new Map([[TRANSCRIPT.path, known(9)]]),
    };

    const plan = planSync(snapshot, { files: [FILE], transcripts: [TRANSCRIPT] });

    expect(plan).toEqual({ actions: [], unchanged: { knowledge: 1, sessions: 1 }, queued: 0 });
  });

  it("leaves to the outbox what waits there", () => {
    const queued = new Set([knowledgeJobKey(FILE), keyOf({ kind: "session", path: TRANSCRIPT.path })]);

    const plan = planSync({ ...NOTHING, queued }, { files: [FILE], transcripts: [TRANSCRIPT] });

    expect(plan).toMatchObject({ actions: [], queued: 2 });
  });

  it("sends one file into two workspaces", () => {
    const other = { ...FILE, workspaceId: "a-b-d" };
    const snapshot = { ...NOTHING, knowledge: new Map([[knowledgeKey(FILE), known(5)]]) };

    const plan = planSync(snapshot, { files: [FILE, other], transcripts: [] });

    expect(plan.actions).toMatchObject([{ reason: "new", file: { workspaceId: "a-b-d" } }]);
  });
});

describe("deliveryFor", () => {
  const local = { sizeBytes: 100, whole: "w", beginning: "b" };

  it.each([
    ["nothing stored", undefined, { how: "whole" }],
    ["the same", { bytes: 100, sha256: "w" }, { how: "nothing" }],
    ["a beginning", { bytes: 60, sha256: "b" }, { how: "tail", fromByte: 60 }],
    ["something else", { bytes: 60, sha256: "x" }, { how: "whole" }],
    ["more than is here", { bytes: 120, sha256: "x" }, { how: "whole" }],
    ["an empty archive", { bytes: 0, sha256: "e" }, { how: "whole" }],
  ])("%s", (_, stored, delivery) => {
    expect(deliveryFor(stored, local)).toEqual(delivery);
  });
});
