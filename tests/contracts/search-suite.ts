import { expect, it } from "vitest";
import * as z from "zod";
import { KnowledgeQuery, SessionQuery } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import { corpus } from "../support/corpus.ts";
import { bench, DESKTOP, LAPTOP, lineOf, placeOf, walk, type OpenSearch } from "../support/search-bench.ts";
import type { SearchMemory } from "../support/search-memory.ts";
import { languageCases } from "./language-suite.ts";

/** What every search has to keep, whatever it is made of. */
export function searchSuite(open: OpenSearch): void {
  knowledgeCases(open);
  sessionCases(open);
  patternCases(open);
  languageCases(open);
}

function knowledgeCases(open: OpenSearch): void {
  it("finds an exact text in knowledge, whatever the case, newest file first", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "old.md", "# Old\nThe DEPLOY (script) runs", "2026-10-01T00:00:00Z");
      await memory.knowledge(
        DESKTOP,
        "auto/new.md",
        "x\n\ndeploy (script)\nagain Deploy (Script)\n",
        "2026-11-02T00:00:00Z",
      );
    });

    const answer = await bed.knowledge({ query: "deploy (script)", mode: "literal" });

    expect(answer.hits.map(placeOf)).toEqual(["auto/new.md:3", "auto/new.md:4", "old.md:2"]);
    expect(answer.hits.at(-1)).toEqual({
      anchor: `memory://${LAPTOP}/knowledge/old.md#L2`,
      workspace_id: LAPTOP,
      path: "old.md",
      line: 2,
      time: "2026-10-01T00:00:00.000Z",
      title: "Old",
      snippet: "The DEPLOY (script) runs",
    });
    expect(answer).toMatchObject({ partial: false });
  });

  it("lets case count in an exact text, and not in an expression, when asked", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "Deploy\ndeploy\nDEPLOY\n");
      await memory.session(LAPTOP, "one", "2026-10-01T00:00:00Z", [
        { role: "user", text: "deploy" },
        { role: "user", text: "Deploy" },
      ]);
    });

    const literal = await bed.knowledge({ query: "Deploy", mode: "literal", case: "match" });
    const spoken = await bed.sessions({ query: "Deploy", mode: "literal", case: "match" });
    const regex = await bed.knowledge({ query: "d.p|nothing", mode: "regex", case: "ignore" });

    expect(literal.hits.map(placeOf)).toEqual(["a.md:1"]);
    expect(spoken.hits.map(({ line }) => line)).toEqual([2]);
    expect(regex.hits.map(placeOf)).toEqual(["a.md:1", "a.md:2", "a.md:3"]);
  });

  it("finds lines by a regular expression, in which case counts", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "port 8080\r\nport 443\r\nPORT 8081\r\n");
    });

    const exact = await bed.knowledge({ query: "^port \\d{4}$", mode: "regex" });
    const any = await bed.knowledge({ query: "(?i)^port \\d{4}$", mode: "regex" });

    expect(exact.hits.map(placeOf)).toEqual(["a.md:1"]);
    expect(any.hits.map(placeOf)).toEqual(["a.md:1", "a.md:3"]);
  });

  it("ranks files by the words of a sentence and shows the best line of each", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(
        LAPTOP,
        "deploy.md",
        "# Deploy checklist\n\nfirst the database\nthen rollback the migration\n",
      );
      await memory.knowledge(LAPTOP, "other.md", "# Other\nthe database is large\n");
      await memory.knowledge(LAPTOP, "none.md", "# How do we\nwhat is it\n");
    });

    const answer = await bed.knowledge({ query: "how do we rollback a database migration?" });

    expect(answer.hits.map(placeOf)).toEqual(["deploy.md:4", "other.md:2"]);
    expect(answer.hits[0]?.score).toBeGreaterThan(answer.hits[1]?.score ?? Infinity);
  });

  it("finds a file by a word of its path, showing its title, below those that hold the word too", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "flows/checkout.md", "---\nx: 1\n---\n# How people pay\n\ntext\n");
      await memory.knowledge(LAPTOP, "Checkout/empty.md", "");
      await memory.knowledge(DESKTOP, "both/checkout.md", "# Pay\nthe checkout\n");
      await memory.knowledge(DESKTOP, "line.md", "a checkout in between\n");
      await memory.knowledge(DESKTOP, "other.md", "text\n");
      await memory.file(LAPTOP, "overview.md", "# Shop\n");
    });

    const byPath = await bed.knowledge({ query: "checkout" });
    const all = await walk((cursor) => bed.knowledge({ query: "checkout", limit: 1, cursor }));
    const nothing = await bed.knowledge({ query: "overview md" });

    expect(byPath.hits.map(placeOf).slice(0, 1)).toEqual(["both/checkout.md:2"]);
    expect(byPath.hits.map(placeOf).sort()).toEqual([
      "Checkout/empty.md:1",
      "both/checkout.md:2",
      "flows/checkout.md:4",
      "line.md:1",
    ]);
    expect(byPath.hits.find(({ path }) => path === "flows/checkout.md")).toMatchObject({
      title: "How people pay",
      snippet: "How people pay",
    });
    expect(all.map(placeOf)).toEqual(byPath.hits.map(placeOf));
    expect(nothing.hits).toEqual([]);
    for (const mode of ["literal", "regex"] as const)
      expect((await bed.knowledge({ query: "flows", mode })).hits).toEqual([]);
  });

  it("says which files were made too long by hand, and searches the others", async () => {
    await using bed = await bench(open, async (memory) => {
      const tooLong = `word\n${"x".repeat(LIMITS.knowledge.fileBytes)}`;
      await memory.knowledge(LAPTOP, "word-long.md", tooLong);
      await memory.knowledge(LAPTOP, "long.md", tooLong, "2026-10-01T00:00:00Z");
      await memory.file(DESKTOP, "overview.md", `word ${"x".repeat(LIMITS.overview.fileBytes)}`);
      await memory.knowledge(LAPTOP, "short.md", "word");
    });

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await bed.knowledge({ query: "word", mode });
      const later = await bed.knowledge({ query: "word", mode, after: "2026-11-01" });

      expect(answer.hits.map(placeOf)).toEqual(["short.md:1"]);
      expect(answer).toMatchObject({ partial: true, note: "3 files could not be read." });
      expect(later).toMatchObject({ partial: true, note: "2 files could not be read." });
    }
  });

  it("searches the overview too, under its own anchor", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.file(LAPTOP, "overview.md", "# Webshop\n\nSells aubergines.\n");
    });

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await bed.knowledge({ query: "aubergines", mode });

      expect(answer.hits).toMatchObject([
        { path: "overview.md", line: 3, title: "Webshop", anchor: `memory://${LAPTOP}/overview.md#L3` },
      ]);
    }
  });

  it("sees nothing but knowledge: no versions, temps, hidden files, links, foreign names or other workspaces", async () => {
    await using bed = await bench(
      open,
      async (memory) => {
        const needle = "quetzal\n";
        await memory.knowledge(LAPTOP, "seen.md", needle);
        await memory.file(LAPTOP, ".versions/knowledge/seen.md/000001.md", needle);
        await memory.file(LAPTOP, "knowledge/.tmp-1-abc", needle);
        await memory.file(LAPTOP, "knowledge/.hidden/a.md", needle);
        await memory.file(LAPTOP, "knowledge/a:b.md", needle);
        await memory.file(LAPTOP, "knowledge/cafe\u0301.md", needle);
        await memory.file(LAPTOP, "identity.json", needle);
        await memory.file(LAPTOP, "knowledge/.ignore", "seen.md\n");
        await memory.file(DESKTOP, "knowledge/theirs.md", needle);
        await memory.file("elsewhere-x-y", "knowledge/linked.md", needle);
        await memory.link(LAPTOP, "knowledge/link.md", "../../elsewhere-x-y/knowledge/linked.md");
        await memory.link(LAPTOP, "knowledge/folder", "../../elsewhere-x-y/knowledge");
        await memory.link("linked-x-y", "knowledge", "../elsewhere-x-y/knowledge");
      },
      { ids: [LAPTOP, "linked-x-y", "missing-x-y"] },
    );

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await bed.knowledge({ query: "quetzal", mode });

      expect(answer.hits.map(placeOf)).toEqual(["seen.md:1"]);
      expect(answer.partial).toBe(false);
    }
  });

  it("filters knowledge by the time it was modified", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "word", "2026-11-01T00:00:00Z");
      await memory.knowledge(LAPTOP, "b.md", "word", "2026-11-02T00:00:00Z");
      await memory.knowledge(LAPTOP, "c.md", "word", "2026-11-03T00:00:00Z");
    });

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await bed.knowledge({ query: "word", mode, after: "2026-11-02", before: "2026-11-03" });

      expect(answer.hits.map(placeOf)).toEqual(["b.md:1"]);
    }
  });

  it("walks every line of knowledge once, also when files arrive meanwhile", async () => {
    await using bed = await bench(open, async (memory) => {
      for (let file = 0; file < 12; file += 1)
        await memory.knowledge(
          LAPTOP,
          `f${file}.md`,
          "word\nx\nword word\nword\n",
          `2026-11-${10 + (file % 3)}T00:00:00Z`,
        );
    });

    for (const [mode, limit] of [
      ["literal", 2],
      ["literal", 3],
      ["literal", 5],
      ["regex", 2],
      ["regex", 5],
    ] as const) {
      const hits = await walk(async (cursor) => {
        const page = await bed.knowledge({ query: "word", mode, limit, cursor });
        await bed.memory.knowledge(LAPTOP, `late-${mode}.md`, "word\n", "2026-12-01T00:00:00Z");
        return page;
      });

      const places = hits.map(placeOf).filter((place) => !place.startsWith("late"));
      expect(places).toHaveLength(36);
      expect(new Set(places).size).toBe(36);
    }
  });

  it("walks ranked knowledge once and refuses the cursor of another query", async () => {
    await using bed = await bench(open, async (memory) => {
      for (let file = 0; file < 7; file += 1)
        await memory.knowledge(LAPTOP, `f${file}.md`, "some word\n".repeat(file + 1));
    });

    const first = await bed.knowledge({ query: "word", limit: 3 });
    const hits = await walk((cursor) => bed.knowledge({ query: "word", limit: 3, cursor }));

    expect(new Set(hits.map(placeOf)).size).toBe(7);
    expect(hits).toHaveLength(7);
    for (const other of [{ query: "words" }, { query: "word", mode: "literal" as const }])
      await expect(bed.knowledge({ ...other, cursor: first.next_cursor })).rejects.toMatchObject({
        code: "invalid_input",
      });
  });

  it("never finds a secret, and shows it masked", async () => {
    const secret = "fmwt_Zq3J8c0dWmB5xLr7TnVh2yKs9PfA1GeU";
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", `token ${secret} leaked\n`);
      await memory.session(LAPTOP, "s1", "2026-11-01T00:00:00Z", [
        { role: "user", text: `token ${secret} leaked` },
      ]);
    });

    for (const query of [secret, secret.slice(5), "Zq3J8c0d", "T5nVh|Zq3J"]) {
      for (const mode of ["literal", "ranked", "regex"] as const) {
        expect(await bed.knowledge({ query, mode })).toMatchObject({ hits: [] });
        expect(await bed.sessions({ query, mode })).toMatchObject({ hits: [] });
      }
    }
    for (const mode of ["literal", "ranked", "regex"] as const) {
      const shown = [
        await bed.knowledge({ query: "leaked", mode }),
        await bed.sessions({ query: "leaked", mode }),
      ];

      expect(shown.map(({ hits }) => hits.map(({ snippet }) => snippet))).toEqual([
        [`token fmwt_${"*".repeat(32)} leaked`],
        [`token fmwt_${"*".repeat(32)} leaked`],
      ]);
    }
  });

  it("shows what hides in a snippet, cuts long lines around the match and keeps to the size of an answer", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "hidden.md", "see \u202ethis\u202c marker\n");
      await memory.knowledge(
        LAPTOP,
        "long.md",
        `${"界".repeat(1500)} needle ${"界".repeat(1500)}\n`.repeat(90),
      );
    });

    const hidden = await bed.knowledge({ query: "marker", mode: "literal" });
    expect(hidden.hits[0]?.snippet).toBe("see \\u{202e}this\\u{202c} marker");
    for (const mode of ["literal", "ranked", "regex"] as const) {
      const long = await bed.knowledge({ query: "needle", mode, limit: 100 });

      expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThanOrEqual(40_000);
      for (const { snippet } of long.hits) {
        expect(snippet).toContain("needle");
        expect(snippet.length).toBeLessThanOrEqual(300);
      }
      const all = await walk((cursor) => bed.knowledge({ query: "needle", mode, limit: 100, cursor }));
      const lines = Array.from({ length: mode === "ranked" ? 1 : 90 }, (_, index) => index + 1);
      expect(all.map(({ line }) => line)).toEqual(lines);
    }
  });
}

function sessionCases(open: OpenSearch): void {
  it("finds an exact text in what was said, newest session first, with anchors that open", async () => {
    await using bed = await bench(open, async (memory) => {
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

    const answer = await bed.sessions({ query: '"retry" bug', mode: "literal" });

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
    await using bed = await bench(open, async (memory) => {
      await memory.session(LAPTOP, "s1", "2026-10-01T10:00:00Z", [
        { role: "user", text: "first\nexit code 7\nlast" },
        { role: "assistant", text: "the exit code 7" },
        { role: "tool_result", text: "exit code 12\nexit code 13" },
      ]);
    });

    const answer = await bed.sessions({ query: "^exit code \\d+$", mode: "regex" });
    const json = await bed.sessions({ query: '"(content|type|timestamp)"', mode: "regex" });

    expect(answer.hits.map(({ line, role, snippet }) => [line, role, snippet])).toEqual([
      [1, "user", "exit code 7"],
      [3, "tool_result", "exit code 12"],
    ]);
    expect(json.hits).toEqual([]);
  });

  it("ranks sessions by the words of a sentence, one hit for each", async () => {
    await using bed = await bench(open, async (memory) => {
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

    const answer = await bed.sessions({ query: "why is the checkout test flaky" });

    expect(answer.hits.map(lineOf)).toEqual(["best:3", "weak:1"]);
    expect(answer.hits[0]).toMatchObject({ role: "user", more_lines: [2, 4] });
    expect(answer.hits[1]).not.toHaveProperty("more_lines");
  });

  it("filters by role and by the time a line was written", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.session(LAPTOP, "s1", "2026-10-01T10:00:00Z", [
        { role: "user", text: "word", time: "2026-10-01T10:00:00Z" },
        { role: "assistant", text: "word", time: "2026-10-01T10:10:00Z" },
        { role: "tool_result", text: "word", time: "2026-10-01T10:20:00Z" },
      ]);
      await memory.session(LAPTOP, "s0", "2026-09-01T10:00:00Z", [{ role: "assistant", text: "word" }]);
    });

    for (const mode of ["literal", "regex", "ranked"] as const) {
      const byRole = await bed.sessions({ query: "word", mode, role: "assistant" });
      const byTime = await bed.sessions({
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
    await using bed = await bench(open, async (memory) => {
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
        const page = await bed.sessions({ query: "word", mode, limit: 4, cursor });
        late += 1;
        await bed.memory.session(LAPTOP, `late-${mode}-${late}`, "2026-12-01T00:00:00Z", [
          { role: "user", text: "word" },
        ]);
        return page;
      });

      const places = hits.map(lineOf).filter((place) => !place.startsWith("late"));
      expect(places).toHaveLength(27);
      expect(new Set(places).size).toBe(27);
    }
    const ranked = await walk((cursor) =>
      bed.sessions({ query: "word", limit: 2, cursor, before: "2026-11-01" }),
    );
    expect(new Set(ranked.map(({ session_id }) => session_id)).size).toBe(9);
    expect(ranked).toHaveLength(9);
  });

  it("skips an archive that is gone and says when one is damaged", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.session(LAPTOP, "whole", "2026-10-01T00:00:00Z", [{ role: "user", text: "word" }]);
      await memory.session(LAPTOP, "torn", "2026-10-02T00:00:00Z", [{ role: "user", text: "word" }]);
      await memory.file(LAPTOP, "sessions/2026/10/20261002T000000Z-torn.jsonl.gz", "not gzip");
    });

    for (const mode of ["literal", "regex", "ranked"] as const) {
      const answer = await bed.sessions({ query: "word", mode });

      expect(answer.hits.map(lineOf)).toEqual(["whole:1"]);
      expect(answer).toMatchObject({ partial: true, note: "1 session could not be read." });
    }
  });

  it("searches transcripts that are not what they should be", async () => {
    await using bed = await bench(open, async (memory) => {
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
      const answer = await bed.sessions({ query: "a word", mode });

      expect(answer.hits.map(lineOf)).toEqual(["odd:6", "odd:7"]);
    }
  });

  it("gives what the time suffices for and says how much is missing", async () => {
    await using bed = await bench(
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
      const answer = await bed.sessions({ query: "word", mode });

      expect(answer.partial).toBe(true);
      expect(answer.note).toMatch(/^The time was over before \d+ sessions? could be searched: /);
    }
  });

  it("comes to the end in small pieces of time, without a gap or a repeat", async () => {
    const said = Array.from({ length: 400 }, (_, index) => ({
      role: "user" as const,
      text: `word ${index} ${"filler ".repeat(500)}`,
    }));
    await using bed = await bench(
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
        const page = await bed.sessions({ query, mode, limit: 100, cursor });
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

const BombRow = z.object({
  id: z.string(),
  pattern: z.string(),
  hay: z.string(),
  expect: z.enum(["bounded", "error", "match", "nomatch"]),
});

function patternCases(open: OpenSearch): void {
  it("finds Chinese and Japanese words, in two characters or in a sentence", async () => {
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "zh.md", "# 笔记\n我们决定使用向量数据库来存储记忆。\n");
      await memory.session(LAPTOP, "zh", "2026-10-01T00:00:00Z", [
        { role: "user", text: "昨天的部署失败了，テストを直す" },
      ]);
    });

    for (const query of ["向量", "向量数据库怎么用", "数据库"]) {
      expect((await bed.knowledge({ query })).hits.map(placeOf)).toEqual(["zh.md:2"]);
    }
    for (const query of ["部署", "部署为什么失败", "テスト"]) {
      expect((await bed.sessions({ query })).hits.map(lineOf)).toEqual(["zh:1"]);
    }
    expect((await bed.knowledge({ query: "存储记忆", mode: "literal" })).hits).toHaveLength(1);
    expect((await bed.sessions({ query: "部署失.了", mode: "regex" })).hits).toHaveLength(1);
  });

  it("takes the signs of a ranked or literal query for nothing but themselves", async () => {
    const signs = [
      "a.*b (c) [d] {2} ^x$ | \\",
      "--pre=sh",
      "-e",
      "--",
      "-f/etc/passwd",
      "$(id)",
      "*",
      "!x",
      "C++",
      '"quoted"',
    ];
    await using bed = await bench(open, async (memory) => {
      await memory.knowledge(LAPTOP, "plain.md", "aXXb c d xx etc\n");
      await memory.knowledge(LAPTOP, "signs.md", `${signs.join("\n")}\n`);
      await memory.session(
        LAPTOP,
        "signs",
        "2026-10-01T00:00:00Z",
        signs.map((text) => ({ role: "user", text })),
      );
    });

    for (const query of signs) {
      const literal = await bed.knowledge({ query, mode: "literal" });
      const session = await bed.sessions({ query, mode: "literal" });
      const expected = signs.flatMap((text, index) =>
        text.toLowerCase().includes(query.toLowerCase()) ? [index + 1] : [],
      );

      expect(literal.hits.map(placeOf)).toEqual(expected.map((line) => `signs.md:${line}`));
      expect(session.hits.map(({ line }) => line)).toEqual(expected);
      await expect(bed.knowledge({ query })).resolves.toMatchObject({ partial: false });
      await expect(bed.sessions({ query })).resolves.toMatchObject({ partial: false });
    }
  });

  it("refuses a bad regular expression or date in a sentence without paths", async () => {
    await using bed = await bench(open, async (memory) => memory.knowledge(LAPTOP, "a.md", "x"));
    const bad = [
      { query: "(", mode: "regex" as const },
      { query: "(?=x)", mode: "regex" as const },
      { query: "\\pL{1000,}", mode: "regex" as const },
      { query: "x", mode: "literal" as const, after: "yesterday" },
      { query: "x", mode: "literal" as const, cursor: "nonsense" },
      { query: "x", cursor: "nonsense" },
      { query: "x\0y" },
      { query: "\ud800x" },
    ];

    for (const input of bad) {
      for (const ask of [() => bed.knowledge(input), () => bed.sessions(input)])
        await expect(ask()).rejects.toMatchObject({
          code: "invalid_input",
          message: expect.not.stringMatching(/\/|\n/),
        });
    }
    await expect(bed.sessions({ query: "(", mode: "regex" })).rejects.toThrow("unclosed group");
  });

  it("answers or refuses every hostile expression, and the ordinary ones rightly", async () => {
    const repeat = (text: string) =>
      text.replaceAll(/\{\{REPEAT:("(?:[^"\\]|\\.)*"):(\d+)\}\}/g, (_, part: string, times: string) =>
        z.string().parse(JSON.parse(part)).repeat(Number(times)),
      );
    const rows = corpus("regex-bombs.txt", BombRow).map(({ id, pattern, hay, expect }) => {
      return { id, pattern: repeat(pattern), hay: repeat(hay), expect };
    });
    const fill = async (memory: SearchMemory) => {
      for (const { id, hay } of rows) {
        await memory.knowledge(`hay-${id}-x`, "hay.md", hay);
        await memory.session(`hay-${id}-x`, "hay", "2026-10-01T00:00:00Z", [{ role: "user", text: hay }]);
      }
    };
    await using bed = await bench(open, fill, { timeMs: LIMITS.search.timeMs });

    const wrong: string[] = [];
    for (const row of rows) {
      const query = SessionQuery.safeParse({ query: row.pattern, mode: "regex" });
      const { role: _, ...shared } = query.data ?? {};
      const knowledge = KnowledgeQuery.safeParse(shared);
      const workspaces = [bed.memory.workspace(`hay-${row.id}-x`)];
      const outcomes = [
        query.success ? await outcomeOf(bed.search.sessions(query.data, workspaces)) : "error",
        knowledge.success ? await outcomeOf(bed.search.knowledge(knowledge.data, workspaces)) : "error",
      ];
      for (const outcome of outcomes) {
        const right = row.expect === "bounded" ? ["match", "nomatch", "error", "partial"] : [row.expect];
        if (!right.includes(outcome))
          wrong.push(`${row.id} ${row.pattern.slice(0, 40)}: ${outcome}, not ${row.expect}`);
      }
    }
    expect(wrong).toEqual([]);
  });
}

async function outcomeOf(answer: Promise<{ hits: unknown[]; partial: boolean }>): Promise<string> {
  try {
    const { hits, partial } = await answer;
    if (partial) return "partial";
    return hits.length > 0 ? "match" : "nomatch";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "invalid_input") return "error";
    throw error;
  }
}
