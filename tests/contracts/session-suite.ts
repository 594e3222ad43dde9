import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { searchLab, DESKTOP, LAPTOP, lineOf, walk, type OpenSearch } from "../support/search-lab.ts";

/** What every search has to keep when it is asked for sessions. */
export function sessionCases(open: OpenSearch): void {
  it("finds an exact text in what was said, newest session first, with anchors that open", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "old", "2026-10-01T10:00:00Z", [
        { role: "user", text: 'please fix the "Retry" bug' },
        { role: "assistant", text: "nothing here" },
        { role: "tool_result", text: 'line one\nthe "retry" bug\n', time: "2026-10-01T10:05:00.000Z" },
      ]);
      await memory.session(DESKTOP, "new", "2026-11-01T10:00:00Z", [
        '{"type":"unknown \\"retry\\" bug"}',
        { role: "assistant", text: 'the "retry" bug is gone' },
      ]);
    });

    const answer = await lab.sessions({ query: '"retry" bug', mode: "literal" });

    expect(answer.hits.map(lineOf)).toEqual(["new:2", "old:1", "old:3"]);
    expect(answer.hits.at(-1)).toEqual({
      anchor: `memory://${LAPTOP}/sessions/old#L3`,
      workspace_id: LAPTOP,
      session_id: "old",
      line: 3,
      role: "tool_result",
      time: "2026-10-01T10:05:00.000Z",
      snippet: 'line one the "retry" bug',
    });
  });

  it("finds lines by a regular expression in the text, not in its JSON", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "s1", "2026-10-01T10:00:00Z", [
        { role: "user", text: "first\nexit code 7\nlast" },
        { role: "assistant", text: "the exit code 7" },
        { role: "tool_result", text: "exit code 12\nexit code 13" },
      ]);
    });

    const answer = await lab.sessions({ query: "^exit code \\d+$", mode: "regex" });
    const json = await lab.sessions({ query: '"(content|type|timestamp)"', mode: "regex" });

    expect(answer.hits.map(({ line, role, snippet }) => [line, role, snippet])).toEqual([
      [1, "user", "exit code 7"],
      [3, "tool_result", "exit code 12"],
    ]);
    expect(json.hits).toEqual([]);
  });

  it("ranks sessions by the words of a sentence, one hit for each", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "best", "2026-10-01T10:00:00Z", [
        { role: "user", text: "unrelated" },
        { role: "assistant", text: "the flaky checkout test timed out" },
        { role: "user", text: "why is the checkout test flaky?" },
        { role: "tool_result", text: "checkout" },
      ]);
      await memory.session(DESKTOP, "weak", "2026-11-01T10:00:00Z", [
        { role: "tool_result", text: "checkout main" },
      ]);
      await memory.session(DESKTOP, "none", "2026-11-02T10:00:00Z", [
        { role: "user", text: "why is it the" },
      ]);
    });

    const answer = await lab.sessions({ query: "why is the checkout test flaky" });

    expect(answer.hits.map(lineOf)).toEqual(["best:3", "weak:1"]);
    expect(answer.hits[0]).toMatchObject({ role: "user", more_lines: [2, 4] });
    expect(answer.hits[1]).not.toHaveProperty("more_lines");
  });

  it("filters by role and by the time a line was written", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "s1", "2026-10-01T10:00:00Z", [
        { role: "user", text: "word", time: "2026-10-01T10:00:00Z" },
        { role: "assistant", text: "word", time: "2026-10-01T10:10:00Z" },
        { role: "tool_result", text: "word", time: "2026-10-01T10:20:00Z" },
      ]);
      await memory.session(LAPTOP, "s0", "2026-09-01T10:00:00Z", [{ role: "assistant", text: "word" }]);
    });

    for (const mode of ["literal", "regex", "ranked"] as const) {
      const byRole = await lab.sessions({ query: "word", mode, role: "assistant" });
      const byTime = await lab.sessions({
        query: "word",
        mode,
        after: "2026-10-01T10:10:00Z",
        before: "2026-10-01T10:20:00Z",
      });

      expect(byRole.hits.map(lineOf)).toEqual(["s1:2", "s0:1"]);
      expect(byTime.hits.map(lineOf)).toEqual(["s1:2"]);
    }
  });

  it("walks every line of every session once, also when sessions arrive meanwhile", async () => {
    await using lab = await searchLab(open, async (memory) => {
      for (let number = 0; number < 9; number += 1) {
        const said = [
          { role: "user" as const, text: "word" },
          "not json",
          { role: "assistant" as const, text: "a word" },
          { role: "user" as const, text: "words" },
        ];
        await memory.session(
          number % 2 === 0 ? LAPTOP : DESKTOP,
          `s${number}`,
          `2026-10-0${1 + (number % 3)}T00:00:00Z`,
          said,
        );
      }
    });

    for (const mode of ["literal", "regex"] as const) {
      let late = 0;
      const hits = await walk(async (cursor) => {
        const page = await lab.sessions({ query: "word", mode, limit: 4, cursor });
        late += 1;
        await lab.memory.session(LAPTOP, `late-${mode}-${late}`, "2026-12-01T00:00:00Z", [
          { role: "user", text: "word" },
        ]);
        return page;
      });

      const places = hits.map(lineOf).filter((place) => !place.startsWith("late"));
      expect(places).toHaveLength(27);
      expect(new Set(places).size).toBe(27);
    }
    const ranked = await walk((cursor) =>
      lab.sessions({ query: "word", limit: 2, cursor, before: "2026-11-01" }),
    );
    expect(new Set(ranked.map(({ session_id }) => session_id)).size).toBe(9);
    expect(ranked).toHaveLength(9);
  });

  it("skips an archive that is gone and says when one is damaged", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "whole", "2026-10-01T00:00:00Z", [{ role: "user", text: "word" }]);
      await memory.session(LAPTOP, "torn", "2026-10-02T00:00:00Z", [{ role: "user", text: "word" }]);
      await memory.file(LAPTOP, "sessions/2026/10/20261002T000000Z-torn.jsonl.gz", "not gzip");
    });

    for (const mode of ["literal", "regex", "ranked"] as const) {
      const answer = await lab.sessions({ query: "word", mode });

      expect(answer.hits.map(lineOf)).toEqual(["whole:1"]);
      expect(answer).toMatchObject({ partial: true, note: "1 session could not be read." });
    }
  });

  it("says when an archive was replaced by a shorter one", async () => {
    const said = (...texts: string[]) => texts.map((text) => ({ role: "user" as const, text }));
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "cut", "2026-10-02T00:00:00Z", said("one", "two", "a word"));
      await memory.session(LAPTOP, "whole", "2026-10-01T00:00:00Z", said("a word"));
    });
    const name = "sessions/2026/10/20261002T000000Z-cut.jsonl.gz";
    await lab.memory.file(LAPTOP, name, gzipSync(`${JSON.stringify({ type: "user" })}\n`));

    for (const mode of ["literal", "regex", "ranked"] as const) {
      const answer = await lab.sessions({ query: "word", mode });

      expect(answer.hits.map(lineOf)).toEqual(["whole:1"]);
      expect(answer).toMatchObject({ partial: true, note: "1 session could not be read." });
    }
  });

  it("searches transcripts that are not what they should be", async () => {
    await using lab = await searchLab(open, async (memory) => {
      const line = JSON.stringify({
        type: "user",
        message: { role: "user", content: "a word \u2028 here" },
        timestamp: "2026-10-01T00:00:00Z",
      });
      const raw = Buffer.concat([
        Buffer.from(`\r\n{"type":\n\n`),
        Buffer.from([0xff, 0xfe, 0x0a, 0]),
        Buffer.from(`\n${line}\r\n${line}`),
      ]);
      await memory.transcript(LAPTOP, "odd", { started: "2026-10-01T00:00:00Z", raw, lines: 7 });
      await memory.transcript(LAPTOP, "empty", { started: "2026-10-02T00:00:00Z", raw: "", lines: 0 });
    });

    for (const mode of ["literal", "regex"] as const) {
      const answer = await lab.sessions({ query: "a word", mode });

      expect(answer.hits.map(lineOf)).toEqual(["odd:6", "odd:7"]);
    }
  });

  it("gives what the time suffices for and says how much is missing", async () => {
    await using lab = await searchLab(
      open,
      async (memory) => {
        for (let number = 0; number < 40; number += 1)
          await memory.session(LAPTOP, `s${number}`, "2026-10-01T00:00:00Z", [
            { role: "user", text: `word ${"filler ".repeat(20_000)}` },
          ]);
      },
      { timeMs: 1 },
    );

    for (const mode of ["literal", "regex", "ranked"] as const) {
      const answer = await lab.sessions({ query: "word", mode });

      expect(answer.partial).toBe(true);
      expect(answer.note).toMatch(/^The time was over before \d+ sessions? could be searched: /);
    }
  });

  it("comes to the end in small pieces of time, without a gap or a repeat", async () => {
    const said = Array.from({ length: 400 }, (_, index) => ({
      role: "user" as const,
      text: `word ${index} ${"filler ".repeat(500)}`,
    }));
    await using lab = await searchLab(
      open,
      async (memory) => {
        for (const day of [1, 2, 3])
          await memory.session(LAPTOP, `s${day}`, `2026-10-0${day}T00:00:00Z`, said);
      },
      { timeMs: 150 },
    );

    for (const [mode, query] of [
      ["literal", "word 7"],
      ["regex", "^word 7"],
    ] as const) {
      const places: string[] = [];
      let cursor: string | undefined;
      for (let open = true; open;) {
        const page = await lab.sessions({ query, mode, limit: 100, cursor });
        places.push(...page.hits.map(lineOf));
        // A page for which the time did not suffice at all is asked for again.
        cursor = page.next_cursor ?? (page.partial ? cursor : undefined);
        open = page.partial || cursor !== undefined;
      }

      const lines = said.flatMap(({ text }, index) => (text.startsWith("word 7") ? [index + 1] : []));
      expect(places).toEqual(["s3", "s2", "s1"].flatMap((id) => lines.map((line) => `${id}:${line}`)));
    }
  });
}
