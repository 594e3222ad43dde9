import type { Comparison } from "./interleave.ts";
import type { Noise } from "./noise.ts";
import { summaryOf, type Summary } from "./statistics.ts";

/** What the numbers of a finding are; a share is from 0 to 1. */
export type Unit = "ms" | "µs" | "bytes" | "share";

/** What was promised: ours is at most so many times the baseline, or at most so much, or at least so much. */
export type Gate = { timesBaseline: number } | { atMost: number } | { atLeast: number };

/** One line of the report. Without a gate it is information. */
export interface Finding {
  /** Which case of the row. */
  label: string;
  unit: Unit;
  ours: Summary;
  baseline?: Summary | undefined;
  gate?: Gate | undefined;
  noise?: Noise | undefined;
  /** Why measurements of ours do not count. A finding with flaws falls short, whatever its numbers say. */
  flaws: readonly string[];
}

/** A comparison as a finding. */
export function findingOf(comparison: Comparison, unit: Unit, gate?: Gate): Finding {
  return { ...comparison, unit, gate };
}

/** Numbers that were counted once: they are what they are, however often they are looked at. */
export function counted(
  label: string,
  unit: Unit,
  { ours, baseline, gate }: { ours: number; baseline?: number; gate?: Gate },
): Finding {
  const compared = baseline === undefined ? undefined : summaryOf([baseline]);
  return { label, unit, ours: summaryOf([ours]), baseline: compared, gate, flaws: [] };
}

/** What could not be measured, and why. It falls short. */
export function unmeasured(label: string, unit: Unit, { why, gate }: { why: string; gate: Gate }): Finding {
  return { label, unit, ours: summaryOf([Number.NaN]), gate, flaws: [why] };
}

/** Ours divided by the baseline, medians; undefined without a baseline. */
export function ratioOf({ ours, baseline }: Finding): number | undefined {
  return baseline === undefined ? undefined : ours.median / baseline.median;
}

/** How a finding stands to its promise. */
export type Verdict = "pass" | "falls short" | "information";

export function verdictOf(finding: Finding): Verdict {
  const { gate, flaws, ours } = finding;
  if (gate === undefined) return "information";
  return flaws.length === 0 && isKept(gate, ours.median, ratioOf(finding) ?? Number.NaN)
    ? "pass"
    : "falls short";
}

/** Nothing that is no number keeps a promise. */
function isKept(gate: Gate, median: number, ratio: number): boolean {
  if ("atLeast" in gate) return median >= gate.atLeast;
  return "atMost" in gate ? median <= gate.atMost : ratio <= gate.timesBaseline;
}
