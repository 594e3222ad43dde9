import { expect, it } from "vitest";
import type { IndexStatus } from "../../contract/wire.ts";
import { described } from "../../server/commands/status.ts";

const READY: IndexStatus = {
  state: "ready",
  knowledge: { indexed: 2, pending: 0, failed: 0 },
  sessions: { indexed: 1, pending: 0, failed: 0 },
  failures: [],
  bytes: { knowledge: 2048, sessions: 5 },
  watching: { folders: 7, complete: true },
};

it("says what the index holds", () => {
  expect(described(READY).split("\n")).toEqual([
    "search index  ready",
    "knowledge     2 indexed, 0 pending, 0 failed  2.0 KiB",
    "sessions      1 indexed, 0 pending, 0 failed  5 B",
    "watching      7 folders",
  ]);
});

it("names what could not be indexed, and does not say that searches can read it", () => {
  const failures = [{ anchor: "memory://w/sessions/s", reason: "the archive is damaged" }];

  const text = described({ ...READY, failures, sessions: { indexed: 1, pending: 0, failed: 3 } });

  expect(text.split("\n").slice(-3)).toEqual([
    "could not be indexed; searches try to read them, and say so if they cannot:",
    "  memory://w/sessions/s: the archive is damaged",
    "  and 2 more",
  ]);
});

it("says what keeps it from working, and nothing of watches that are not there for that reason", () => {
  const watching = { folders: 0, complete: false };

  const broken = described({ ...READY, state: "building", problem: "EACCES: permission denied", watching });
  const refused = described({ ...READY, watching });

  expect(broken).toContain("problem       EACCES: permission denied");
  expect(broken).not.toContain("watching");
  expect(refused).toContain("watching      0 folders, all the system allows");
});
