import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { searchLab, DESKTOP, LAPTOP, placeOf, walk, type OpenSearch } from "../support/search-lab.ts";

/** What every search has to keep when it is asked for knowledge. */
export function knowledgeCases(open: OpenSearch): void {
  it("finds an exact text in knowledge, whatever the case, newest file first", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "old.md", "# Old\nThe DEPLOY (script) runs", "2026-10-01T00:00:00Z");
      await memory.knowledge(
        DESKTOP,
        "auto/new.md",
        "x\n\ndeploy (script)\nagain Deploy (Script)\n",
        "2026-11-02T00:00:00Z",
      );
    });

    const answer = await lab.knowledge({ query: "deploy (script)", mode: "literal" });

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

  it("finds memories as it finds knowledge, each under its own path", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "memories/deploy.md", "rollback is knowledge\n", "2026-10-01T00:00:00Z");
      await memory.knowledge(LAPTOP, "/memories/a/b.md", "# B\nRollback it\n", "2026-10-02T00:00:00Z");
      await memory.knowledge(LAPTOP, "/memories/rollback.md", "no word\n", "2026-10-03T00:00:00Z");
      await memory.knowledge(LAPTOP, "/memories/.hidden.md", "rollback\n", "2026-10-04T00:00:00Z");
      await memory.knowledge(DESKTOP, "/memories/only.md", "no rollback\n", "2026-10-05T00:00:00Z");
    });

    const literal = await lab.knowledge({ query: "rollback", mode: "literal" });
    const regex = await lab.knowledge({ query: "^[Rr]oll", mode: "regex" });
    const ranked = await lab.knowledge({ query: "rollback" });
    const named = await lab.knowledge({ query: "rollback file:/memories/" });
    const word = await lab.knowledge({ query: "memories" });

    const inOrder = ["/memories/only.md:1", "/memories/a/b.md:2", "memories/deploy.md:1"];
    expect(literal.hits.map(placeOf)).toEqual(inOrder);
    expect(literal.hits[1]?.anchor).toBe(`memory://${LAPTOP}/memories/a/b.md#L2`);
    expect(regex.hits.map(placeOf)).toEqual(inOrder.slice(1));
    expect(ranked.hits.map(({ path }) => path).sort()).toEqual([
      "/memories/a/b.md",
      "/memories/only.md",
      "/memories/rollback.md",
      "memories/deploy.md",
    ]);
    expect(named.hits.map(({ path }) => path).sort()).toEqual([
      "/memories/a/b.md",
      "/memories/only.md",
      "/memories/rollback.md",
    ]);
    expect(word.hits.map(placeOf)).toEqual(["memories/deploy.md:1"]);
  });

  it("lets case count in an exact text, and not in an expression, when asked", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "Deploy\ndeploy\nDEPLOY\n");
      await memory.session(LAPTOP, "one", "2026-10-01T00:00:00Z", [
        { role: "user", text: "deploy" },
        { role: "user", text: "Deploy" },
      ]);
    });

    const literal = await lab.knowledge({ query: "Deploy", mode: "literal", case: "match" });
    const spoken = await lab.sessions({ query: "Deploy", mode: "literal", case: "match" });
    const regex = await lab.knowledge({ query: "d.p|nothing", mode: "regex", case: "ignore" });

    expect(literal.hits.map(placeOf)).toEqual(["a.md:1"]);
    expect(spoken.hits.map(({ line }) => line)).toEqual([2]);
    expect(regex.hits.map(placeOf)).toEqual(["a.md:1", "a.md:2", "a.md:3"]);
  });

  it("finds lines by a regular expression, in which case counts", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "port 8080\r\nport 443\r\nPORT 8081\r\n");
    });

    const exact = await lab.knowledge({ query: "^port \\d{4}$", mode: "regex" });
    const any = await lab.knowledge({ query: "(?i)^port \\d{4}$", mode: "regex" });

    expect(exact.hits.map(placeOf)).toEqual(["a.md:1"]);
    expect(any.hits.map(placeOf)).toEqual(["a.md:1", "a.md:3"]);
  });

  it("ranks files by the words of a sentence and shows the best line of each", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(
        LAPTOP,
        "deploy.md",
        "# Deploy checklist\n\nfirst the database\nthen rollback the migration\n",
      );
      await memory.knowledge(LAPTOP, "other.md", "# Other\nthe database is large\n");
      await memory.knowledge(LAPTOP, "none.md", "# How do we\nwhat is it\n");
    });

    const answer = await lab.knowledge({ query: "how do we rollback a database migration?" });

    expect(answer.hits.map(placeOf)).toEqual(["deploy.md:4", "other.md:2"]);
    expect(answer.hits[0]?.score).toBeGreaterThan(answer.hits[1]?.score ?? Infinity);
  });

  it("finds a file by a word of its path, showing its title, below those that hold the word too", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "flows/checkout.md", "---\nx: 1\n---\n# How people pay\n\ntext\n");
      await memory.knowledge(LAPTOP, "Checkout/empty.md", "");
      await memory.knowledge(DESKTOP, "both/checkout.md", "# Pay\nthe checkout\n");
      await memory.knowledge(DESKTOP, "line.md", "a checkout in between\n");
      await memory.knowledge(DESKTOP, "other.md", "text\n");
      await memory.file(LAPTOP, "overview.md", "# Shop\n");
    });

    const byPath = await lab.knowledge({ query: "checkout" });
    const all = await walk((cursor) => lab.knowledge({ query: "checkout", limit: 1, cursor }));
    const nothing = await lab.knowledge({ query: "overview md" });

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
      expect((await lab.knowledge({ query: "flows", mode })).hits).toEqual([]);
  });

  it("says which files were made too long by hand, and searches the others", async () => {
    await using lab = await searchLab(open, async (memory) => {
      const tooLong = `word\n${"x".repeat(LIMITS.knowledge.fileBytes)}`;
      await memory.knowledge(LAPTOP, "word-long.md", tooLong);
      await memory.knowledge(LAPTOP, "long.md", tooLong, "2026-10-01T00:00:00Z");
      await memory.file(DESKTOP, "overview.md", `word ${"x".repeat(LIMITS.overview.fileBytes)}`);
      await memory.knowledge(LAPTOP, "short.md", "word");
    });

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await lab.knowledge({ query: "word", mode });
      const later = await lab.knowledge({ query: "word", mode, after: "2026-11-01" });

      expect(answer.hits.map(placeOf)).toEqual(["short.md:1"]);
      expect(answer).toMatchObject({ partial: true, note: "3 files could not be read." });
      expect(later).toMatchObject({ partial: true, note: "2 files could not be read." });
    }
  });

  it("searches the overview too, under its own anchor", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.file(LAPTOP, "overview.md", "# Webshop\n\nSells aubergines.\n");
    });

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await lab.knowledge({ query: "aubergines", mode });

      expect(answer.hits).toMatchObject([
        { path: "overview.md", line: 3, title: "Webshop", anchor: `memory://${LAPTOP}/overview.md#L3` },
      ]);
    }
  });

  it("sees nothing but knowledge: no versions, temps, hidden files, links, foreign names or other workspaces", async () => {
    await using lab = await searchLab(
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
      const answer = await lab.knowledge({ query: "quetzal", mode });

      expect(answer.hits.map(placeOf)).toEqual(["seen.md:1"]);
      expect(answer.partial).toBe(false);
    }
  });

  it("filters knowledge by the time it was modified", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", "word", "2026-11-01T00:00:00Z");
      await memory.knowledge(LAPTOP, "b.md", "word", "2026-11-02T00:00:00Z");
      await memory.knowledge(LAPTOP, "c.md", "word", "2026-11-03T00:00:00Z");
    });

    for (const mode of ["literal", "ranked", "regex"] as const) {
      const answer = await lab.knowledge({ query: "word", mode, after: "2026-11-02", before: "2026-11-03" });

      expect(answer.hits.map(placeOf)).toEqual(["b.md:1"]);
    }
  });

  it("walks every line of knowledge once, also when files arrive meanwhile", async () => {
    await using lab = await searchLab(open, async (memory) => {
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
        const page = await lab.knowledge({ query: "word", mode, limit, cursor });
        await lab.memory.knowledge(LAPTOP, `late-${mode}.md`, "word\n", "2026-12-01T00:00:00Z");
        return page;
      });

      const places = hits.map(placeOf).filter((place) => !place.startsWith("late"));
      expect(places).toHaveLength(36);
      expect(new Set(places).size).toBe(36);
    }
  });

  it("walks ranked knowledge once and refuses the cursor of another query", async () => {
    await using lab = await searchLab(open, async (memory) => {
      for (let file = 0; file < 7; file += 1)
        await memory.knowledge(LAPTOP, `f${file}.md`, "some word\n".repeat(file + 1));
    });

    const first = await lab.knowledge({ query: "word", limit: 3 });
    const hits = await walk((cursor) => lab.knowledge({ query: "word", limit: 3, cursor }));

    expect(new Set(hits.map(placeOf)).size).toBe(7);
    expect(hits).toHaveLength(7);
    for (const other of [{ query: "words" }, { query: "word", mode: "literal" as const }])
      await expect(lab.knowledge({ ...other, cursor: first.next_cursor })).rejects.toMatchObject({
        code: "invalid_input",
      });
  });

  it("never finds a secret, and shows it masked", async () => {
    const secret = "fmwt_Zq3J8c0dWmB5xLr7TnVh2yKs9PfA1GeU";
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "a.md", `token ${secret} leaked\n`);
      await memory.session(LAPTOP, "s1", "2026-11-01T00:00:00Z", [
        { role: "user", text: `token ${secret} leaked` },
      ]);
    });

    for (const query of [secret, secret.slice(5), "Zq3J8c0d", "T5nVh|Zq3J"]) {
      for (const mode of ["literal", "ranked", "regex"] as const) {
        expect(await lab.knowledge({ query, mode })).toMatchObject({ hits: [] });
        expect(await lab.sessions({ query, mode })).toMatchObject({ hits: [] });
      }
    }
    for (const mode of ["literal", "ranked", "regex"] as const) {
      const shown = [
        await lab.knowledge({ query: "leaked", mode }),
        await lab.sessions({ query: "leaked", mode }),
      ];

      expect(shown.map(({ hits }) => hits.map(({ snippet }) => snippet))).toEqual([
        [`token fmwt_${"*".repeat(32)} leaked`],
        [`token fmwt_${"*".repeat(32)} leaked`],
      ]);
    }
  });

  it("shows what hides in a snippet, cuts long lines around the match and keeps to the size of an answer", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "hidden.md", "see \u202ethis\u202c marker\n");
      await memory.knowledge(
        LAPTOP,
        "long.md",
        `${"界".repeat(1500)} needle ${"界".repeat(1500)}\n`.repeat(90),
      );
    });

    const hidden = await lab.knowledge({ query: "marker", mode: "literal" });
    expect(hidden.hits[0]?.snippet).toBe("see \\u{202e}this\\u{202c} marker");
    for (const mode of ["literal", "ranked", "regex"] as const) {
      const long = await lab.knowledge({ query: "needle", mode, limit: 100 });

      expect(Buffer.byteLength(JSON.stringify(long))).toBeLessThanOrEqual(40_000);
      for (const { snippet } of long.hits) {
        expect(snippet).toContain("needle");
        expect(snippet.length).toBeLessThanOrEqual(300);
      }
      const all = await walk((cursor) => lab.knowledge({ query: "needle", mode, limit: 100, cursor }));
      const lines = Array.from({ length: mode === "ranked" ? 1 : 90 }, (_, index) => index + 1);
      expect(all.map(({ line }) => line)).toEqual(lines);
    }
  });
}
