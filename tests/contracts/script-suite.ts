import { expect, it } from "vitest";
import { searchLab, LAPTOP, lineOf, placeOf, type OpenSearch } from "../support/search-lab.ts";

/** What every search has to make of the ways in which a text can be written: in signs, in a path, decomposed. */
export function scriptCases(open: OpenSearch): void {
  it("finds one or two signs of a script, though they are no letters", async () => {
    const texts = ["㌔グラム ㍻", "⺀ ⼀ ㋐ ㈱会社", "ភាសាខ្មែរ។ ៛100", "မြန်မာ။ text၊", "สวัสดี ๏ ๚ ๛"];
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "signs.md", `${texts.join("\n")}\n`);
      await memory.session(
        LAPTOP,
        "signs",
        "2026-10-01T00:00:00Z",
        texts.map((text) => ({ role: "user", text })),
      );
    });

    for (const [index, text] of texts.entries())
      for (const query of piecesOf(text)) {
        const asked = { query, mode: "literal" } as const;
        for (const options of [asked, { ...asked, case: "match" } as const]) {
          const knowledge = await lab.knowledge(options);
          const sessions = await lab.sessions(options);
          expect(knowledge.hits.map(placeOf), query).toContain(`signs.md:${index + 1}`);
          expect(sessions.hits.map(lineOf), query).toContain(`signs:${index + 1}`);
        }
      }
  });

  it("finds a phrase that stands in a path, in the middle of its words and in its ending too", async () => {
    await using lab = await searchLab(open, async (memory) => {
      await memory.knowledge(LAPTOP, "notes/README.md", "hello there\n");
      await memory.knowledge(LAPTOP, "Istanbul-été 2.md", "hello there\n");
      await memory.knowledge(LAPTOP, "other.md", "hello there\n");
    });

    for (const [query, path] of [
      ['hello "README.md"', "notes/README.md"],
      ['hello "notes/readme.md"', "notes/README.md"],
      ['hello "es/read"', "notes/README.md"],
      ['hello "stanbul-é"', "Istanbul-été 2.md"],
      ['"été 2.md"', "Istanbul-été 2.md"],
    ] as const)
      expect(
        (await lab.knowledge({ query })).hits.map((hit) => hit.path),
        query,
      ).toEqual([path]);
    expect((await lab.knowledge({ query: "readme.md", mode: "literal" })).hits).toEqual([]);
  });

  it.each(["café NFD", "가나다", "e\u0301", "가", "\u212bngstr", "-é:"])(
    "finds %s as it stands, decomposed or composed",
    async (text) => {
      const typed = text.normalize("NFD");
      await using lab = await searchLab(open, async (memory) => {
        await memory.knowledge(LAPTOP, "decomposed.md", `a (${typed})\n`, "2026-10-01T00:00:00Z");
        await memory.knowledge(
          LAPTOP,
          "composed.md",
          `a (${text.normalize("NFC")})\n`,
          "2026-10-02T00:00:00Z",
        );
        await memory.session(LAPTOP, "s", "2026-10-01T00:00:00Z", [
          { role: "user", text: `a (${typed})` },
          { role: "user", text: `b (${text.normalize("NFC")})` },
        ]);
      });

      for (const mode of ["literal", "regex"] as const)
        for (const options of [{ mode }, { mode, case: "match" } as const]) {
          const knowledge = await lab.knowledge({ query: typed, ...options });
          const sessions = await lab.sessions({ query: typed, ...options });
          expect(knowledge.hits.map(placeOf), mode).toEqual(["composed.md:1", "decomposed.md:1"]);
          expect(knowledge.hits.map(({ snippet }) => snippet.normalize())).toContain(
            `a (${text.normalize()})`,
          );
          expect(sessions.hits.map(lineOf), mode).toEqual(["s:1", "s:2"]);
        }
    },
  );

  it("finds the very text that was typed, decomposed in part", async () => {
    const text = "Å and e\u0301 and \u212b";
    await using lab = await searchLab(open, (memory) =>
      memory.knowledge(LAPTOP, "mixed.md", `x ${text} y\n`),
    );

    for (const query of [text, `(${text})`.slice(1, -1)])
      for (const mode of ["literal", "regex"] as const)
        expect((await lab.knowledge({ query, mode })).hits.map(placeOf)).toEqual(["mixed.md:1"]);
  });
}

/** Everything in it of one or two characters, but blanks. */
function piecesOf(text: string): string[] {
  const characters = Array.from(text);
  const pairs = characters.map((character, index) => `${character}${characters[index + 1] ?? ""}`);
  return [...new Set([...characters, ...pairs])].filter((piece) => !/\s|^[a-z\d]*$/.test(piece));
}
