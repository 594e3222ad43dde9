import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../disk/digest.ts";
import { listPage } from "../../server/sessions/list.ts";
import { merged } from "../../server/sessions/merge.ts";
import { stored, type StoredSession } from "../../server/sessions/session.ts";

const ascending = (a: number, b: number): number => a - b;

function session(workspaceId: string, id: string, startedMs: number): StoredSession {
  const started = new Date(startedMs).toISOString();
  const base = `20260101T000000Z-${id}`;
  const facts = { session_id: id, tool: "codex", started, ended: started, lines: 1, bytes: 1, gzip_bytes: 1 };
  const rest = { sha256: sha256(id), revision: 1, first_prompt: "", archive: base, stored_at: started };
  return stored(workspaceId, { folders: ["2026", "01"], base }, { ...facts, ...rest });
}

describe("merged", () => {
  it("gives everything in order", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 50 }))), (lists) => {
        const sorted = lists.map((list) => list.toSorted(ascending));

        expect([...merged(sorted, ascending)]).toEqual(lists.flat().sort(ascending));
      }),
    );
  });

  it("reads no more than is asked for", () => {
    const read: number[] = [];
    const counting = function* (from: number) {
      for (let value = from; ; value += 2) {
        read.push(value);
        yield value;
      }
    };

    const [first, second] = merged([counting(0), counting(1)], ascending);

    expect([first, second]).toEqual([0, 1]);
    expect(read.length).toBeLessThan(5);
  });
});

describe("a page of a listing", () => {
  it("takes any number of sessions", () => {
    const many = Array.from({ length: 300_000 }, (_, index) => session("a-b-c", `s${index}`, 1e12 - index));

    const { entries, next_cursor } = listPage([many], { limit: 3 });
    const next = listPage([many], { limit: 2, cursor: next_cursor });

    expect(entries.map(({ session_id }) => session_id)).toEqual(["s0", "s1", "s2"]);
    expect(next.entries.map(({ session_id }) => session_id)).toEqual(["s3", "s4"]);
  });

  it("reads its filters as everything else does", () => {
    const day = session("a-b-c", "s", Date.UTC(2026, 1, 28, 12));

    expect(listPage([[day]], { after: "2026-02-28T14:00+02:00" }).entries).toHaveLength(1);
    expect(listPage([[day]], { before: "2026-02-28T12:00" }).entries).toHaveLength(0);
    expect(() => listPage([[day]], { after: "2026-02-31" })).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  });
});
