import type { Gate, Unit } from "../measure/finding.ts";
import type { Summary } from "../measure/statistics.ts";

const MB = 1_000_000;

const TEXT_OF = {
  ms: (value) => (value < 10_000 ? `${digits(value)} ms` : `${digits(value / 1000)} s`),
  µs: (value) => `${digits(value)} µs`,
  bytes: (value) => (value < MB ? `${digits(value / 1000)} kB` : `${digits(value / MB)} MB`),
  share: (value) => value.toFixed(3),
} as const satisfies Record<Unit, (value: number) => string>;

/** A number with its unit: `1.23 ms`, `45 s`, `12.3 MB`. */
export function quantity(value: number, unit: Unit): string {
  return Number.isNaN(value) ? "–" : TEXT_OF[unit](value);
}

/** The median and, where there is more than one number, the quarters around it. */
export function spread({ median, lower, upper, count }: Summary, unit: Unit): string {
  const middle = quantity(median, unit);
  return count < 2 ? middle : `${middle} (${quantity(lower, unit)} – ${quantity(upper, unit)})`;
}

/** `0.0021 (476× less)`; a ratio above a tenth speaks for itself. */
export function ratioText(ratio: number | undefined): string {
  if (ratio === undefined || Number.isNaN(ratio)) return "–";
  return ratio < 0.1 ? `${digits(ratio)} (1/${digits(1 / ratio)})` : digits(ratio);
}

export function gateText(gate: Gate | undefined, unit: Unit): string {
  if (gate === undefined) return "";
  if ("atLeast" in gate) return `≥ ${quantity(gate.atLeast, unit)}`;
  return "atMost" in gate ? `≤ ${quantity(gate.atMost, unit)}` : `≤ ${ratioText(gate.timesBaseline)}`;
}

/** Three digits that say something. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
