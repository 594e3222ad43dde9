import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counted, findingOf, unmeasured, verdictOf, type Finding } from "../../bench/measure/finding.ts";
import { interleave, type Measured } from "../../bench/measure/interleave.ts";
import { summaryOf } from "../../bench/measure/statistics.ts";
import { BEAM, OTHER_LINES } from "../../bench/quality/run.ts";
import { qualityTables } from "../../bench/report/quality-tables.ts";
import { aimResult } from "../../bench/report/ranking-aim.ts";
import { reportText } from "../../bench/report/report.ts";

const TURNS = { rounds: 3, warmUp: 1 };

/** Gives these, one after the other. */
function giving<T>(values: readonly T[]): () => Promise<T> {
  const left = [...values];
  return async () => {
    const next = left.shift();
    if (next === undefined) throw new Error("asked too often");
    return next;
  };
}

describe("a summary", () => {
  it("is in order, and within what was measured", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (numbers) => {
        const { count, min, lower, median, upper, max } = summaryOf(numbers);

        const inOrder = [min, lower, median, upper, max];
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
        expect([count, min, max]).toEqual([numbers.length, Math.min(...numbers), Math.max(...numbers)]);
      }),
    );
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])("has the middle of %j as its median", (numbers, median) => {
    expect(summaryOf(numbers).median).toBe(median);
  });

  it("of nothing is an error", () => {
    expect(() => summaryOf([])).toThrow(RangeError);
  });
});

describe("interleaved measurements", () => {
  it("take turns, and leave the warm-up out", async () => {
    const order: string[] = [];
    const trial = (name: string, next: () => Promise<number>) => () => {
      order.push(name);
      return next();
    };

    const found = await interleave(
      { a: trial("a", giving([99, 1, 2, 3])), b: trial("b", giving([99, 4, 5, 6])) },
      trial("baseline", giving([99, 10, 20, 30])),
      TURNS,
    );

    expect(order.join(" ")).toBe(Array.from({ length: 4 }, () => "a b baseline").join(" "));
    expect(found).toMatchObject([
      { label: "a", ours: { median: 2, max: 3 }, baseline: { median: 20, max: 30 }, flaws: [] },
      { label: "b", ours: { median: 5, max: 6 }, baseline: { median: 20, max: 30 }, flaws: [] },
    ]);
  });

  it("say how many of ours do not count, and why", async () => {
    const ours = giving<Measured>([1, { value: 2, flaw: "partial" }, 1, { value: 2, flaw: "partial" }]);

    const [found] = await interleave({ ours }, giving([10, 10, 10, 10]), TURNS);

    expect(found?.flaws).toEqual(["2 of 3: partial"]);
  });
});

describe("a verdict", () => {
  const comparison = {
    label: "case",
    ours: summaryOf([2]),
    baseline: summaryOf([10]),
    noise: { spread: 1, load: 0 },
    flaws: [],
  };

  it.each<[string, Finding, string]>([
    ["at the gate", findingOf(comparison, "ms", { timesBaseline: 0.2 }), "pass"],
    ["past it", findingOf(comparison, "ms", { timesBaseline: 0.19 }), "falls short"],
    ["without a gate", findingOf(comparison, "ms"), "information"],
    [
      "fast but flawed",
      { ...findingOf(comparison, "ms", { timesBaseline: 1 }), flaws: ["partial"] },
      "falls short",
    ],
    ["within a bound", counted("case", "bytes", { ours: 5, gate: { atMost: 5 } }), "pass"],
    ["over a bound", counted("case", "bytes", { ours: 6, gate: { atMost: 5 } }), "falls short"],
    ["high enough", counted("case", "share", { ours: 0.83, gate: { atLeast: 0.83 } }), "pass"],
    ["too low", counted("case", "share", { ours: 0.829, gate: { atLeast: 0.83 } }), "falls short"],
    ["that is none", counted("case", "share", { ours: Number.NaN, gate: { atLeast: 0 } }), "falls short"],
    ["that is not there", unmeasured("case", "ms", { why: "none", gate: { atMost: 5 } }), "falls short"],
  ])("of a number %s", (_, finding, verdict) => {
    expect(verdictOf(finding)).toBe(verdict);
  });
});

it("reports what falls short, what failed, and why, before everything else", () => {
  const row = { name: "r", title: "Row", baseline: "rg", remark: "the disk is slow", run: async () => [] };
  const short = counted("size", "bytes", { ours: 3000, baseline: 1000, gate: { timesBaseline: 2 } });

  const text = reportText({
    title: "Results",
    machine: [["date", "today"]],
    results: [
      { row, findings: [short] },
      { row: { ...row, title: "Other" }, findings: [], failure: "no server" },
    ],
    tables: [],
  });

  expect(text).toContain("**0 of 1 gates pass.**");
  expect(text).toContain("- **Row** (size): the disk is slow");
  expect(text).toContain("- **Other** (failed: no server): the disk is slow");
  expect(text).toContain("| size | 3 kB | 1 kB | 3 | ≤ 2 | **falls short** |  |");
});

describe("the ranking", () => {
  const row = (corpus: string, engine: string, [hit1, hit10]: readonly [number, number]) => {
    return { corpus, engine, category: "all", questions: 20, hit1, hit10, mrr: 0, all10: 0 };
  };
  const rows = [
    row(BEAM.whole, "ours", [0.52, 0.831]),
    row(BEAM.whole, "FTS5", [0.49, 0.84]),
    row(BEAM.whole, OTHER_LINES, [0.52, 0.85]),
    row(BEAM.heldOut, "ours", [0.53, 0.813]),
  ];
  const report = (some: typeof rows) =>
    reportText({ title: "Results", machine: [], results: [aimResult(some)], tables: qualityTables(some) });

  it("has its aim among the gates, for the questions that nothing was fitted on too", () => {
    const text = report(rows);

    expect(text).toContain("**3 of 4 gates pass.**");
    expect(text).toMatch(/## Falls short\n\n- \*\*Ranking on BEAM-100K, right exchange\*\* \(hit@10, 20 /);
  });

  it("says where a plain tool does better", () => {
    expect(report(rows)).toContain(
      "- all: FTS5 0.490 / 0.840, ours 0.520 / 0.831, with its other lines 0.520 / 0.850\n",
    );
  });

  it("says that BEAM was not measured when it was not there", () => {
    const text = report([row("shipped", "ours", [1, 1])]);

    expect(text).toContain("**0 of 0 gates pass.**");
    expect(text).toMatch(/## Not measured\n\n- \*\*Ranking on BEAM-100K/);
  });
});
