import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, it } from "vitest";
import { fold } from "../../server/index/text/fold.ts";
import { GramCollector, gramTerms } from "../../server/index/text/grams.ts";
import { SESSIONS_SCHEMA } from "../../server/index/database/schema.ts";

/** Text of all kinds: ASCII with controls and signs, other scripts, characters beyond the first plane and halves of such. */
const character = fc.oneof(
  fc.constantFrom(...Array.from("abcAB01 \n\t\"'*^():-{}_#+%\\\u0000\u001f\u007f")),
  fc.constantFrom("é", "ß", "İ", "ς", "索", "引", "😀", "𠮷", "\ud83d", "\udc00", "\u0301"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { maxLength: 60 }).map((characters) => characters.join(""));

function database(): DatabaseSync {
  const made = new DatabaseSync(":memory:");
  made.exec(SESSIONS_SCHEMA);
  return made;
}

it("finds every text that is in another, and is refused by nothing that people may write", () => {
  using index = database();
  const add = index.prepare("insert into grams (rowid, text) values (?, ?)");
  // A number from JavaScript is none of SQLite's integers, and FTS5 ignores any other as a row.
  const find = index.prepare(
    "select count(*) as found from grams where rowid = cast(? as integer) and grams match ?",
  );
  const collector = new GramCollector();
  let row = 0;

  fc.assert(
    fc.property(text, fc.nat(), fc.nat(12), (whole, at, length) => {
      row += 1;
      const folded = fold(whole);
      const start = at % (folded.length + 1);
      const needle = folded.slice(start, start + length);
      collector.add(folded);
      add.run(row, collector.take());

      const terms = gramTerms(needle);

      // Each alone, so that none can hide behind another.
      for (const term of terms) expect(find.get(row, term)).toEqual({ found: 1 });
    }),
    { numRuns: 2000 },
  );
});

it("tells texts apart", () => {
  using index = database();
  const collector = new GramCollector();
  collector.add("alpha one\nbeta");
  index.prepare("insert into grams (rowid, text) values (1, ?)").run(collector.take());
  const found = (needle: string) =>
    index.prepare("select rowid from grams where grams match ?").all(gramTerms(needle).join(" AND ")).length;

  const answers = ["alpha one", "a o", "on", "ta", "e\nb", "alpha two", "one beta", "x", "ab"].map(found);

  expect(answers).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0]);
});

it("takes up nothing of the text before", () => {
  const collector = new GramCollector();
  collector.add("alpha");
  collector.add("索引引擎");
  collector.take();
  collector.add("xy");

  const grams = collector.take();

  expect(grams).toBe("xy\ny\n");
});

it("asks for nothing where there is nothing to ask for", () => {
  expect(gramTerms("\n\t")).toEqual([]);
  expect(gramTerms("")).toEqual([]);
});
