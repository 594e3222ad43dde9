import { expect, it } from "vitest";
import { searchLab, DESKTOP, LAPTOP, lineOf, placeOf, walk, type OpenSearch } from "../support/search-lab.ts";

/** What every search has to make of the language of ranked queries, and of `explain`. */
export function languageCases(open: OpenSearch): void {
  conditionCases(open);
  filterCases(open);
  faultCases(open);
  explainCases(open);
}

function conditionCases(open: OpenSearch): void {
  it("finds files that hold every phrase, also over a line break or in the path, and shows its line", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "both.md", "# Redis\nconnection\n\nConnection  REFUSED by redis\n");
      await memory.knowledge(LAPTOP, "broken.md", "redis: the connection\nrefused to open\n");
      await memory.knowledge(LAPTOP, "apart.md", "refused connection of redis\n");
      await memory.knowledge(LAPTOP, "connection refused.md", "redis\n");
      await memory.knowledge(LAPTOP, "one.md", "connection refused\n");
    });

    const one = await lab.knowledge({ query: '"connection refused"' });
    const two = await lab.knowledge({ query: '"connection refused" "by redis"' });
    const walked = await walk((cursor) => lab.knowledge({ query: '"connection refused"', limit: 1, cursor }));

    expect(one.hits.map(({ path }) => path).sort()).toEqual([
      "both.md",
      "broken.md",
      "connection refused.md",
      "one.md",
    ]);
    expect(one.hits.find(({ path }) => path === "both.md")).toMatchObject({ line: 4 });
    expect(two.hits.map(placeOf)).toEqual(["both.md:4"]);
    expect(walked.map(placeOf)).toEqual(one.hits.map(placeOf));
  });

  it("leaves out files that hold an excluded word, its forms or text anywhere, but not inside of a word", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "word.md", "deploy steps\n\nonly a Draft\n");
      await memory.knowledge(LAPTOP, "forms.md", "deploy steps, drafts\n");
      await memory.knowledge(LAPTOP, "inside.md", "deploy steps of an overdraft\n");
      await memory.knowledge(LAPTOP, "drafts/path.md", "deploy steps\n");
      await memory.knowledge(LAPTOP, "name.md", "deploy steps of write_token\n");
      await memory.file(DESKTOP, "overview.md", "deploy steps\n");
    });

    const pathsOf = async (query: string) =>
      (await lab.knowledge({ query })).hits.map(({ path }) => path).sort();

    expect(await pathsOf("deploy -draft")).toEqual(["inside.md", "name.md", "overview.md"]);
    expect(await pathsOf('deploy -"draft"')).toEqual(["name.md", "overview.md"]);
    expect(await pathsOf('deploy -"of a"')).not.toContain("inside.md");
    expect(await pathsOf("deploy -draft -write_token")).toEqual(["inside.md", "overview.md"]);
    expect(await pathsOf("deploy -f -rf --force")).toHaveLength(6);
  });

  it("holds phrases and exclusions against each turn of a session by itself", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "s1", "2026-10-01T10:00:00Z", [
        { role: "user", text: "the flaky checkout test" },
        { role: "assistant", text: "a checkout test that is\n  flaky on Mondays" },
        { role: "tool_result", text: "flaky checkout, skipped" },
      ]);
      await memory.session(LAPTOP, "s2", "2026-10-02T10:00:00Z", [
        { role: "user", text: "flaky" },
        { role: "user", text: "checkout" },
      ]);
    });

    const phrase = await lab.sessions({ query: '"is flaky on" test' });
    const without = await lab.sessions({ query: "flaky checkout -skipped -mondays" });
    const none = await lab.sessions({ query: '"flaky checkout" -skipped -test' });

    expect(phrase.hits.map(lineOf)).toEqual(["s1:2"]);
    expect(phrase.hits[0]).not.toHaveProperty("more_lines");
    expect(without.hits.map(lineOf)).toEqual(["s1:1", expect.stringMatching(/^s2:/)]);
    expect(without.hits[0]).not.toHaveProperty("more_lines");
    expect(none.hits).toEqual([]);
  });

  it("finds phrases of stop words, signs and scripts without blanks", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "hamlet.md", "redis\nto be or not to be\n");
      await memory.knowledge(LAPTOP, "redis.md", "redis to be\n");
      await memory.knowledge(LAPTOP, "arrow.md", "x => y\n");
      await memory.knowledge(LAPTOP, "zh.md", "我们决定使用向量数据库来存储记忆。\n");
      await memory.session(LAPTOP, "zh", "2026-10-01T00:00:00Z", [
        { role: "user", text: "昨天的部署失败了" },
      ]);
    });

    const pathsOf = async (query: string) => (await lab.knowledge({ query })).hits.map(({ path }) => path);

    expect(await pathsOf('"to be or not" redis')).toEqual(["hamlet.md"]);
    expect(await pathsOf('"x => y"')).toEqual(["arrow.md"]);
    expect(await pathsOf("“向量数据库”")).toEqual(["zh.md"]);
    expect(await pathsOf("向量 -存储")).toEqual([]);
    expect((await lab.sessions({ query: '"部署失败" 昨天' })).hits.map(lineOf)).toEqual(["zh:1"]);
  });

  it("takes operators of search engines for words", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "both.md", "alpha beta\n");
      await memory.knowledge(LAPTOP, "one.md", "alpha\n");
      await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [{ role: "user", text: "alpha beta" }]);
    });

    for (const query of [
      "alpha AND beta",
      "alpha OR beta",
      "beta NOT alpha",
      "NEAR(alpha beta, 5)",
      "{path body}: alpha + beta",
      "^alpha* beta*",
      "body:alpha (beta",
      'path:"alpha" beta)',
      "alpha; drop table words -- beta",
      "alpha' OR '1'='1 beta",
      "alpha\\beta ${beta} %00",
    ]) {
      const knowledge = await lab.knowledge({ query });
      const sessions = await lab.sessions({ query });

      expect(knowledge.hits.map(placeOf), query).toEqual(["both.md:1", "one.md:1"]);
      expect(sessions.hits.map(lineOf), query).toEqual(["s:1"]);
    }
  });

  it("takes the text as it is in the other modes", async () => {
    const text = 'type:x "exact phrase" -draft after:never';
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", `${text}\n`);
      await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [{ role: "user", text }]);
    });

    for (const mode of ["literal", "regex"] as const) {
      expect((await lab.knowledge({ query: text, mode })).hits.map(placeOf)).toEqual(["a.md:1"]);
      expect((await lab.sessions({ query: text, mode })).hits.map(lineOf)).toEqual(["s:1"]);
    }
  });
}

function filterCases(open: OpenSearch): void {
  it("narrows knowledge to files by their paths", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "flows/checkout.md", "word");
      await memory.knowledge(LAPTOP, "Flows/pay now.md", "word");
      await memory.knowledge(LAPTOP, "notes/flow.md", "word");
      await memory.file(LAPTOP, "overview.md", "word");
    });

    const pathsOf = async (query: string) =>
      (await lab.knowledge({ query })).hits.map(({ path }) => path).sort();

    expect(await pathsOf("word file:FLOWS/")).toEqual(["Flows/pay now.md", "flows/checkout.md"]);
    expect(await pathsOf('word file:"pay now"')).toEqual(["Flows/pay now.md"]);
    expect(await pathsOf("word file:f*out file:overview")).toEqual(["flows/checkout.md", "overview.md"]);
    expect(await pathsOf("word file:flow -file:flows\\")).toEqual(["notes/flow.md"]);
    expect(await pathsOf("word file:nothing")).toEqual([]);
  });

  it("narrows sessions to turns that name a file", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [
        { role: "user", text: "word" },
        { role: "tool_result", text: "word in SRC/app.ts:12" },
        { role: "tool_result", text: "word in src\\app.ts" },
        { role: "assistant", text: "word src/ and app.ts" },
      ]);
    });

    const linesOf = async (query: string) =>
      (await lab.sessions({ query })).hits
        .flatMap(({ line, more_lines = [] }) => [line, ...more_lines])
        .sort((a, b) => a - b);

    expect(await linesOf("word file:src/app.ts")).toEqual([2, 3]);
    expect(await linesOf("word file:src*.ts")).toEqual([2, 3]);
    expect(await linesOf("word file:app.ts role:assistant")).toEqual([4]);
    expect(await linesOf("word -file:app")).toEqual([1]);
  });

  it("filters by roles, of which several may be named", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [
        { role: "user", text: "word" },
        { role: "assistant", text: "word" },
        { role: "tool_result", text: "word" },
      ]);
    });

    const linesOf = async (query: string, role?: "user") =>
      (await lab.sessions({ query, role })).hits
        .flatMap(({ line, more_lines = [] }) => [line, ...more_lines])
        .sort((a, b) => a - b);

    expect(await linesOf("word role:user role:tool_result")).toEqual([1, 3]);
    expect(await linesOf("word -role:user")).toEqual([2, 3]);
    expect(await linesOf("word -role:assistant", "user")).toEqual([1]);
    expect(await linesOf("word role:assistant", "user")).toEqual([]);
  });

  it("filters by time, in the text, in arguments and in both", async () => {
    const dayMs = 86_400_000;
    const ago = (days: number) => new Date(Date.now() - days * dayMs).toISOString();
    await using lab = await searchLab(open, async (memory) => {
      for (const days of [1, 3, 20]) {
        await memory.knowledge(LAPTOP, `${days}.md`, "word", ago(days));
        await memory.session(LAPTOP, `s${days}`, ago(days), [{ role: "user", text: "word" }]);
      }
    });

    for (const [given, expected] of [
      [{ query: "word after:2d" }, ["1"]],
      [{ query: "word after:1w before:2d" }, ["3"]],
      [{ query: "word after:1w", before: "48h" }, ["3"]],
      [{ query: "word before:2d", before: "2w" }, ["20"]],
      [{ query: `word before:${ago(2).slice(0, 10)}` }, ["20", "3"]],
      [{ query: "word after:2000-01 before:2000-02" }, []],
    ] as const) {
      const knowledge = await lab.knowledge(given);
      const sessions = await lab.sessions(given);

      expect(knowledge.hits.map(({ path }) => path.replace(".md", "")).sort()).toEqual(expected);
      expect(sessions.hits.map(({ session_id }) => session_id.slice(1)).sort()).toEqual(expected);
    }
  });

  it("says what to try when a query finds nothing", async () => {
    await using lab = await searchLab(open, async (memory) =>
      memory.knowledge(LAPTOP, "a.md", "word of all"),
    );

    const narrowed = await lab.knowledge({ query: 'word "of all" -all file:a.md' });
    const plain = await lab.knowledge({ query: "nothing" });
    const literal = await lab.knowledge({ query: "nothing", mode: "literal" });

    expect(narrowed).toEqual({
      hits: [],
      partial: false,
      note: 'Nothing was found that fits all of: "of all" -all file:a.md. Take some of it away. "-all" in quotes is looked for as text.',
    });
    expect(plain).toEqual({
      hits: [],
      partial: false,
      note: "Nothing holds any of these words. Mode literal finds parts of words too.",
    });
    expect(literal).toEqual({ hits: [], partial: false });
  });
}

function faultCases(open: OpenSearch): void {
  it("explains a query that cannot be answered", async () => {
    await using lab = await searchLab(open, async (memory) => memory.knowledge(LAPTOP, "a.md", "x"));

    for (const query of ["-draft", '"', "x after:soon", "x before:2026-02-31", "x type:image", "afer:7d x"]) {
      for (const ask of [() => lab.knowledge({ query }), () => lab.sessions({ query })])
        await expect(ask()).rejects.toMatchObject({
          code: "invalid_input",
          message: expect.stringMatching(/^(?:query|after|before): /),
        });
    }
    await expect(lab.knowledge({ query: "x type:session" })).rejects.toThrow("asks for sessions");
    await expect(lab.knowledge({ query: "x -role:user" })).rejects.toThrow("role: is for sessions");
    await expect(lab.sessions({ query: "x type:knowledge" })).rejects.toThrow("asks for knowledge files");
    await expect(lab.sessions({ query: "x type:session type:knowledge" })).resolves.toMatchObject({
      hits: [],
    });
  });
}

function explainCases(open: OpenSearch): void {
  it("explains what it understood and did, when asked", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "both.md", "# Redis cache\nthe redis cache\n");
      await memory.knowledge(LAPTOP, "one.md", "redis\n");
      await memory.knowledge(LAPTOP, "none.md", "nothing\n");
      await memory.session(LAPTOP, "s1", "2026-10-01T00:00:00Z", [{ role: "user", text: "redis cache" }]);
      await memory.session(DESKTOP, "s2", "2026-10-02T00:00:00Z", [{ role: "user", text: "nothing" }]);
    });
    const given = { query: 'redis "the redis" -draft file:md', after: "2026-01-01", explain: true };

    const knowledge = await lab.knowledge(given);
    const ranked = await lab.sessions({ query: "redis cache", explain: true });
    const literal = await lab.sessions({ query: "redis cache", mode: "literal", explain: true });
    const silent = await lab.knowledge({ ...given, explain: false });

    expect(knowledge.explain).toMatchObject({
      query: {
        mode: "ranked",
        text: 'redis "the redis" -draft file:md',
        words: ["redis"],
        phrases: ["the redis"],
        excluded: ["draft"],
        filters: ["file:md", "after:2026-01-01T00:00:00.000Z"],
      },
      not_searched: [],
    });
    for (const [{ explain }, documents] of [
      [knowledge, 3],
      [ranked, 2],
      [literal, 2],
    ] as const) {
      const { indexed = 0, scanned = 0, skipped = 0 } = explain?.documents ?? {};
      expect(indexed + scanned).toBe(documents);
      expect(skipped).toBe(0);
      expect(explain?.legs.length).toBeGreaterThan(1);
      for (const ms of [explain?.ms ?? -1, ...(explain?.legs ?? []).map((leg) => leg.ms)])
        expect(Math.round(ms * 10) / 10).toBe(ms);
    }
    expect(literal.explain?.query).toMatchObject({ mode: "literal", text: "redis cache", words: [] });
    expect(ranked.hits[0]?.why?.map(({ word }) => word).sort()).toEqual(["cache", "redis"]);
    expect(silent).not.toHaveProperty("explain");
    expect(silent.hits[0]).not.toHaveProperty("why");
  });

  it("explains what was not searched", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.session(LAPTOP, "whole", "2026-10-01T00:00:00Z", [{ role: "user", text: "word" }]);
      await memory.session(LAPTOP, "torn", "2026-10-02T00:00:00Z", [{ role: "user", text: "word" }]);
      await memory.file(LAPTOP, "sessions/2026/10/20261002T000000Z-torn.jsonl.gz", "not gzip");
    });

    for (const mode of ["ranked", "literal", "regex"] as const) {
      const { explain } = await lab.sessions({ query: "word", mode, explain: true });

      const { indexed = 0, scanned = 0, skipped } = explain?.documents ?? {};
      expect(explain?.not_searched).toEqual(["1 session could not be read."]);
      expect([indexed + scanned, skipped]).toEqual([1, 1]);
    }
  });

  it("explains its steps in the order in which they came to their ends", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "even.md", "word\n");
      await memory.session(LAPTOP, "s1", "2026-10-01T00:00:00Z", [{ role: "user", text: "word" }]);
    });

    for (const ask of [lab.knowledge.bind(lab), lab.sessions.bind(lab)])
      for (const [mode, last] of [
        ["literal", "reading"],
        ["regex", "reading"],
        ["ranked", "ranking"],
      ] as const) {
        const { explain } = await ask({ query: "word", mode, explain: true });

        expect(explain?.legs.at(-1)?.name, mode).toBe(last);
      }
  });

  it("says whether case counts", async () => {
    await using lab = await searchLab(open, (memory) => memory.knowledge(LAPTOP, "a.md", "Word\n"));
    const asked = { query: "word", case: "match", explain: true } as const;

    const ranked = await lab.knowledge(asked);
    const literal = await lab.knowledge({ ...asked, mode: "literal" });
    const plain = await lab.knowledge({ query: "word" });

    expect(ranked).toMatchObject({ hits: [{ path: "a.md" }], partial: false });
    expect(ranked.note).toBe("Mode ranked ignores case; in literal and regex it can count.");
    expect(ranked.explain?.query.filters).toEqual([]);
    expect(literal.hits).toEqual([]);
    expect(literal.explain?.query.filters).toEqual(["case=match"]);
    expect(plain).not.toHaveProperty("note");
  });

  it("stays below the size of an answer, with the same cursors as without", async () => {
    await using lab = await searchLab(open, async (memory) => {
      for (let file = 0; file < 100; file += 1)
        await memory.knowledge(LAPTOP, `${file}.md`, `word ${"界".repeat(300)}\n`);
    });
    const query = `word ${"\u0001 ".repeat(200)}`;

    const first = await lab.knowledge({ query, limit: 100, explain: true });
    const next = await lab.knowledge({ query, limit: 100, cursor: first.next_cursor });

    expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThanOrEqual(40_000);
    expect(new Set([...first.hits, ...next.hits].map(placeOf)).size).toBe(
      first.hits.length + next.hits.length,
    );
  });
}
