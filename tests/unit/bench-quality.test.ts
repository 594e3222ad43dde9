import { describe, expect, it } from "vitest";
import { readTurns } from "../../contract/transcript.ts";
import { sha256 } from "../../disk/digest.ts";
import { shippedQuestions, SIZES } from "../../bench/quality/corpus.ts";
import { plainFts, ripgrepAll } from "../../bench/quality/plain-engines.ts";
import { documentOf, type Question } from "../../bench/quality/question.ts";
import { BY_DOCUMENT, BY_LINE, scoreOf } from "../../bench/quality/score.ts";
import { CATEGORIES, parseStories } from "../../bench/quality/story.ts";

const sample = shippedQuestions(SIZES.sample);

describe("the corpus of questions", () => {
  it("is the same every time", () => {
    const digest = () => sha256(JSON.stringify(shippedQuestions(SIZES.sample)));

    expect(digest()).toBe(digest());
  });

  it("has many questions of every kind, and what they want", () => {
    const whole = shippedQuestions(SIZES.whole);
    const known = new Set([
      ...whole.sessions.flatMap(({ sessionId, said }) => said.map(({ line }) => `${sessionId}:${line}`)),
      ...whole.files.map(({ workspace, path }) => `${workspace.project}/${path}`),
    ]);

    expect(whole.questions.length).toBeGreaterThanOrEqual(200);
    expect(whole.sessions.length).toBeGreaterThanOrEqual(300);
    expect(new Set(whole.questions.map(({ category }) => category))).toEqual(new Set(CATEGORIES));
    expect(
      whole.questions.flatMap(({ wanted }) => wanted.flat()).filter((place) => !known.has(place)),
    ).toEqual([]);
  });

  it("says in the transcripts what it says it does, in the shapes of both clients", () => {
    for (const { raw, said } of sample.sessions) {
      const lines = raw.split("\n");
      const read = said.map(({ line }) =>
        readTurns(lines[line - 1] ?? "").map(({ role, text }) => ({ line, role, text })),
      );

      expect(read.map(([turn]) => turn?.role)).toEqual(said.map(({ role }) => role));
      expect(read.every(([turn], index) => turn?.text.includes(said[index]?.text ?? "?"))).toBe(true);
    }
    expect(new Set(sample.sessions.map(({ workspace }) => workspace.tool))).toEqual(
      new Set(["claude-code", "codex"]),
    );
  });

  it.each([
    ["U: nobody began a story", "no story begins before"],
    ["# a\nX: nobody of that letter", "what is this line"],
    ["# a\n? guessed m: no such kind of question", "no such category"],
  ])("refuses what is no story: %s", (text, reason) => {
    expect(() => parseStories(text)).toThrow(reason);
  });
});

describe("a score", () => {
  const question: Question = { category: "exact", text: "x", wanted: [["a:1", "a:2"], ["b:5"]] };

  it.each([
    [["a:2", "b:5"], { hit1: 1, hit10: 1, mrr: 1, all10: 1 }],
    [["c:1", "a:9", "b:5"], { hit1: 0, hit10: 1, mrr: 1 / 3, all10: 0 }],
    [["c:1"], { hit1: 0, hit10: 0, mrr: 0, all10: 0 }],
    [
      [...Array.from({ length: 10 }, (_, line) => `c:${line}`), "a:1"],
      { hit1: 0, hit10: 0, mrr: 0, all10: 0 },
    ],
  ])("of %j by line", (places, score) => {
    expect(scoreOf([{ question, places }], BY_LINE)).toMatchObject(score);
  });

  it("takes a session for one place when the line does not matter", () => {
    const places = [...Array.from({ length: 12 }, (_, line) => `c:${line}`), "a:7"];

    expect(scoreOf([{ question, places }], BY_DOCUMENT)).toMatchObject({ hit1: 0, hit10: 1, mrr: 1 / 2 });
  });
});

describe("the plain tools", () => {
  it("find a question's own words where they stand", () => {
    const [session] = sample.sessions;
    const said = session?.said.find(({ role }) => role === "user");
    const asked: Question = { category: "exact", text: said?.text ?? "", wanted: [] };

    for (const engine of [
      ripgrepAll(sample),
      plainFts(sample, { only: "all turns" }),
      plainFts(sample, { only: "user turns" }),
    ])
      expect(engine.ask(asked).slice(0, 3).map(documentOf)).toContain(session?.sessionId);
  });
});
