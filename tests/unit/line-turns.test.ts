import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { timeOfLine, turnsOfLine } from "../../server/sessions/line-turns.ts";

const line = (content: unknown, rest: object = {}) =>
  JSON.stringify({ type: "user", message: { role: "user", content }, ...rest });
const { lineBytes, lineChars, lineValues } = LIMITS.search;
const SECRET = `fmwt_${"a".repeat(43)}`;

describe("the turns of a line that are searched", () => {
  it("are masked, with the name of a tool before what it was asked", () => {
    const call = { type: "tool_use", name: "Bash", input: { command: `echo ${SECRET}` } };
    const said = JSON.stringify({ type: "assistant", message: { role: "assistant", content: [call] } });

    expect(turnsOfLine(said)).toEqual([{ role: "tool_call", text: `Bash echo fmwt_${"*".repeat(43)}` }]);
  });

  it("are none where a line is longer, or holds more values, than memory is there for", () => {
    const values = (count: number) =>
      line([{ type: "text", text: "word" }, ...Array.from({ length: count }, () => 1)]);

    expect(turnsOfLine(values(lineValues - 100))).toHaveLength(1);
    expect(turnsOfLine(values(lineValues + 1))).toEqual([]);
    expect(turnsOfLine(line("word", { padding: "x".repeat(lineBytes - 100) }))).toHaveLength(1);
    expect(turnsOfLine(line("word", { padding: "x".repeat(lineBytes) }))).toEqual([]);
  });

  it("end where a line has said very much, but not in the middle of a secret", () => {
    const long = "x".repeat(lineChars - 20);
    const blocks = [`${long} ${SECRET}`, "more"].map((text) => ({ type: "text", text }));

    const turns = turnsOfLine(line(blocks));

    expect(turns).toHaveLength(1);
    expect(turns[0]?.text).toBe(`${long} fmwt_${"*".repeat(14)}`);
  });
});

it.each([
  [line("x", { timestamp: "2026-11-21T06:45:16.123Z" }), "2026-11-21T06:45:16.123Z"],
  [line("x", { timestamp: "2026-11-21T08:45:16+02:00" }), "2026-11-21T06:45:16.000Z"],
  [
    line("x", { toolUseResult: { timestamp: "2020-01-01T00:00:00Z" }, timestamp: "2026-11-21T06:45:16Z" }),
    "2026-11-21T06:45:16.000Z",
  ],
])("tells when a line was written: %s", (text, time) => {
  expect(timeOfLine(text)).toBe(Date.parse(time));
});

it("tells nothing of a line that does not say when it was written", () => {
  expect(timeOfLine(line("x"))).toBeUndefined();
  expect(timeOfLine(line("x", { timestamp: "yesterday" }))).toBeUndefined();
});
