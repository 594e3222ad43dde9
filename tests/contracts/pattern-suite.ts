import { expect, it } from "vitest";
import * as z from "zod";
import { KnowledgeQuery, SessionQuery } from "../../contract/search.ts";
import { LIMITS } from "../../contract/limits.ts";
import { corpus } from "../support/corpus.ts";
import { searchLab, LAPTOP, lineOf, placeOf, type OpenSearch } from "../support/search-lab.ts";
import type { SearchMemory } from "../support/search-memory.ts";

const BombRow = z.object({
  id: z.string(),
  pattern: z.string(),
  hay: z.string(),
  expect: z.enum(["bounded", "error", "match", "nomatch"]),
});

/** What every search has to make of scripts without blanks, of signs, and of expressions good, bad and hostile. */
export function patternCases(open: OpenSearch): void {
  it("finds Chinese and Japanese words, in two characters or in a sentence", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "zh.md", "# 笔记\n我们决定使用向量数据库来存储记忆。\n");
      await memory.session(LAPTOP, "zh", "2026-10-01T00:00:00Z", [
        { role: "user", text: "昨天的部署失败了，テストを直す" },
      ]);
    });

    for (const query of ["向量", "向量数据库怎么用", "数据库"]) {
      expect((await lab.knowledge({ query })).hits.map(placeOf)).toEqual(["zh.md:2"]);
    }
    for (const query of ["部署", "部署为什么失败", "テスト"]) {
      expect((await lab.sessions({ query })).hits.map(lineOf)).toEqual(["zh:1"]);
    }
    expect((await lab.knowledge({ query: "存储记忆", mode: "literal" })).hits).toHaveLength(1);
    expect((await lab.sessions({ query: "部署失.了", mode: "regex" })).hits).toHaveLength(1);
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
    await using lab = await searchLab(open, async (memory) => {
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
      const literal = await lab.knowledge({ query, mode: "literal" });
      const session = await lab.sessions({ query, mode: "literal" });
      const expected = signs.flatMap((text, index) =>
        text.toLowerCase().includes(query.toLowerCase()) ? [index + 1] : [],
      );

      expect(literal.hits.map(placeOf)).toEqual(expected.map((line) => `signs.md:${line}`));
      expect(session.hits.map(({ line }) => line)).toEqual(expected);
      await expect(lab.knowledge({ query })).resolves.toMatchObject({ partial: false });
      await expect(lab.sessions({ query })).resolves.toMatchObject({ partial: false });
    }
  });

  it("finds what only the masks of secrets made", async () => {
    const text = `key fmai_${"Zq3J".repeat(8)} end`;
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "secret.md", `# Key\n${text}\n`);
      await memory.knowledge(LAPTOP, "other.md", "fmai_short and one *\n");
      await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [{ role: "user", text }]);
    });

    for (const asked of [
      { query: "fmai_****", mode: "literal" },
      { query: "***** END", mode: "literal" },
      { query: "**", mode: "literal", case: "match" },
      { query: "\\*{8}", mode: "regex" },
      { query: "^key \\W*fmai_[^A-Z]+end$", mode: "regex" },
    ] as const) {
      expect((await lab.knowledge(asked)).hits.map(placeOf), asked.query).toEqual(["secret.md:2"]);
      expect((await lab.sessions(asked)).hits.map(lineOf), asked.query).toEqual(["s:1"]);
    }
  });

  it("finds an i that is an İ", async () => {
    const text = "the İİ and İİİ of SİNEMA";
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "tr.md", `${text}\n`);
      await memory.session(LAPTOP, "tr", "2026-10-01T00:00:00Z", [{ role: "user", text }]);
    });

    for (const query of ["İİ", "ii", "İİİ", "iİi", "sinema"])
      for (const mode of ["literal", "ranked"] as const) {
        expect((await lab.knowledge({ query, mode })).hits.map(placeOf), query).toEqual(["tr.md:1"]);
        expect((await lab.sessions({ query, mode })).hits.map(lineOf), query).toEqual(["tr:1"]);
      }
    const exact = { query: "SİNEMA", mode: "literal", case: "match" } as const;
    expect((await lab.knowledge(exact)).hits.map(placeOf)).toEqual(["tr.md:1"]);
  });

  it("finds a number as a tool's input shows it, however it was written", async () => {
    const input = '{"n":1e3,"big":12345678901234567890,"none":1e999}';
    const call = `{"type":"assistant","message":{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"Bash","input":${input}}]}}`;
    await using lab = await searchLab(open, (memory) =>
      memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [call]),
    );

    for (const query of ["1000", "12345678901234567000", "null"])
      for (const mode of ["literal", "regex", "ranked"] as const)
        expect((await lab.sessions({ query, mode })).hits.map(lineOf), `${mode} ${query}`).toEqual(["s:1"]);
  });

  it("takes the next page of lines for the same question only", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "word one\nword two\nword three\n");
      await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [
        { role: "user", text: "word one" },
        { role: "user", text: "word two" },
      ]);
    });
    const asked = { query: "word", mode: "literal", limit: 1 } as const;

    for (const ask of [lab.knowledge.bind(lab), lab.sessions.bind(lab)]) {
      const { next_cursor: cursor } = await ask(asked);
      for (const other of [
        { query: "two" },
        { mode: "regex" },
        { case: "match" },
        { after: "2026-01-01" },
      ] as const)
        await expect(ask({ ...asked, ...other, cursor })).rejects.toMatchObject({
          code: "invalid_input",
          message: "cursor: it belongs to another query",
        });
      expect((await ask({ ...asked, limit: 9, explain: true, cursor })).hits.map(({ line }) => line)[0]).toBe(
        2,
      );
    }
  });

  it("refuses a bad regular expression or date in a sentence without paths", async () => {
    await using lab = await searchLab(open, async (memory) => memory.knowledge(LAPTOP, "a.md", "x"));
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
      for (const ask of [() => lab.knowledge(input), () => lab.sessions(input)])
        await expect(ask()).rejects.toMatchObject({
          code: "invalid_input",
          message: expect.not.stringMatching(/\/|\n/),
        });
    }
    await expect(lab.sessions({ query: "(", mode: "regex" })).rejects.toThrow("unclosed group");
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
    await using lab = await searchLab(open, fill, { timeMs: LIMITS.search.timeMs });

    const wrong: string[] = [];
    for (const row of rows) {
      const query = SessionQuery.safeParse({ query: row.pattern, mode: "regex" });
      const { role: _, ...shared } = query.data ?? {};
      const knowledge = KnowledgeQuery.safeParse(shared);
      const workspaces = [lab.memory.workspace(`hay-${row.id}-x`)];
      const outcomes = [
        query.success ? await outcomeOf(lab.search.sessions(query.data, workspaces)) : "error",
        knowledge.success ? await outcomeOf(lab.search.knowledge(knowledge.data, workspaces)) : "error",
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
