import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";

const SPEC = join(import.meta.dirname, "../../SPEC.md");
/** `| `http.headBytes` | 16 KiB | …`: name and value of a limit. */
const ROW = /^\| `([a-z]+\.\w+)` \| ([^|]+?) \|/gim;

const SIZES = { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10 };
const TIMES = { min: 60_000, s: 1000 };

it("describes every limit with its value", () => {
  const limits = Object.entries(LIMITS).flatMap(([group, values]) =>
    Object.entries(values).map(([name, value]) => [`${group}.${name}`, spell(name, value)]),
  );

  const [, section = ""] = readFileSync(SPEC, "utf8").split(/^## .*Limits$/m);
  const rows = [...section.matchAll(ROW)].map(([, name, value]) => [name, value]);

  expect(rows).toEqual(limits);
});

/** A value as SPEC.md writes it: the unit follows from the name. */
function spell(name: string, value: number): string {
  if (/bytes/i.test(name)) return withUnit(value, SIZES, name.endsWith("PerSecond") ? "B/s" : "B");
  if (name.endsWith("Ms")) return withUnit(value, TIMES, "ms");
  if (name.endsWith("Share")) return `${value * 100} %`;
  return value.toLocaleString("en");
}

function withUnit(value: number, units: Record<string, number>, smallest: string): string {
  const [unit, size] = Object.entries(units).find(([, size]) => value % size === 0) ?? [smallest, 1];
  return `${(value / size).toLocaleString("en")} ${unit}`;
}
