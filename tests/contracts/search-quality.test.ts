import { beforeAll, describe, expect, it } from "vitest";
import { shippedQuestions, SIZES } from "../../bench/quality/corpus.ts";
import { plainFts } from "../../bench/quality/plain-engines.ts";
import { askProduct } from "../../bench/quality/run.ts";
import { BY_DOCUMENT, BY_LINE, scoreOf, type Answered, type Score } from "../../bench/quality/score.ts";

/** A part of the corpus by which `bench/quality` measures, asked of a real server. The least figures lie a little below what was measured. */
describe("ranked search over a sample of coding sessions", () => {
  const sample = shippedQuestions(SIZES.sample);
  let answered: Answered[] = [];

  beforeAll(async () => {
    answered = await askProduct(sample);
  }, 120_000);

  const of = (category: string) => answered.filter(({ question }) => question.category === category);

  it("was asked of enough", () => {
    expect(sample.questions.length).toBeGreaterThan(100);
    expect(answered).toHaveLength(sample.questions.length);
  });

  it.each([
    ["exact", { hit1: 0.95, hit10: 1 }],
    ["recalled", { hit1: 0.7, hit10: 0.95 }],
    ["paraphrased", { hit1: 0.1, hit10: 0.47 }],
    ["chinese", { hit1: 0.9, hit10: 1 }],
    ["knowledge", { hit1: 0.84, hit10: 0.92 }],
  ])("finds the right session or file for %s questions", (category, least) => {
    expect(shortfalls(scoreOf(of(category), BY_DOCUMENT), least)).toEqual([]);
  });

  it("shows the right line first", () => {
    expect(shortfalls(scoreOf(answered, BY_LINE), { hit1: 0.52, hit10: 0.64 })).toEqual([]);
    expect(shortfalls(scoreOf(of("exact"), BY_LINE), { hit1: 0.9, hit10: 0.9 })).toEqual([]);
  });

  it("is better than a full-text table alone", () => {
    const plain = plainFts(sample, { only: "all turns" });

    const theirs = sample.questions.map((question) => ({ question, places: plain.ask(question) }));

    expect(scoreOf(answered, BY_DOCUMENT).mrr).toBeGreaterThan(scoreOf(theirs, BY_DOCUMENT).mrr);
    expect(scoreOf(answered, BY_LINE).mrr).toBeGreaterThan(scoreOf(theirs, BY_LINE).mrr);
  });
});

/** What fell below its least figure. */
function shortfalls(score: Score, least: Pick<Score, "hit1" | "hit10">): string[] {
  return (["hit1", "hit10"] as const).flatMap((name) =>
    score[name] < least[name] ? [`${name} is ${score[name].toFixed(3)}, not ${least[name]}`] : [],
  );
}
