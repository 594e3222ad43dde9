import { examine } from "../doctor/examine.ts";
import type { Finding, State } from "../doctor/finding.ts";
import { plain } from "../format.ts";
import type { Output } from "../output.ts";
import { wrapWidth } from "../text-width.ts";
import { defineCommand } from "./command.ts";

const COLUMNS = 80;
const WORDS = { ok: "ok", warn: "look", fail: "WRONG" } as const satisfies Record<State, string>;
const STYLES = { ok: "green", warn: "yellow", fail: "red" } as const satisfies Record<State, string>;
const WORD = 6;
const NAME = 22;

export const doctor = defineCommand({
  name: "doctor",
  summary: "Say what is wrong with this machine's setup, and what mends it",
  options: {
    offline: { type: "boolean", summary: "Do not ask the server" },
  },
  details: "Changes nothing. Exit code 1: something is wrong; what should only be looked at does not count.",
  async run(context, args) {
    const { environment, output } = context;
    const findings = await examine(environment, () => context.config(), { offline: args.flag("offline") });
    const isWell = findings.every(({ state }) => state !== "fail");
    output.answer({ ok: isWell, findings }, () => screenOf(findings, output));
    return isWell ? "ok" : "problem";
  },
});

function screenOf(findings: readonly Finding[], output: Output): string {
  return [...findings.flatMap((finding) => linesOf(finding, output)), "", summaryOf(findings)].join("\n");
}

/** What mends it is never broken into lines: it is copied. */
function linesOf({ id, state, message, command, advice }: Finding, output: Output): string[] {
  const indent = " ".repeat(WORD + NAME);
  const [first = "", ...rest] = wrapWidth(plain(message), COLUMNS - WORD - NAME);
  const head = `${output.paint(STYLES[state], WORDS[state].padEnd(WORD))}${id.padEnd(NAME)}${first}`;
  return [
    head,
    ...rest.map((line) => indent + line),
    ...(advice === undefined
      ? []
      : wrapWidth(plain(advice), COLUMNS - WORD - 3).map(
          (line, index) => `${" ".repeat(WORD)}${index === 0 ? "-> " : "   "}${line}`,
        )),
    ...(command === undefined ? [] : [`${" ".repeat(WORD)}$ ${plain(command)}`]),
  ];
}

function summaryOf(findings: readonly Finding[]): string {
  const [wrong, odd] = (["fail", "warn"] as const).map(
    (state) => findings.filter((one) => one.state === state).length,
  );
  if (wrong === 0 && odd === 0) return "All is well.";
  return `${wrong} wrong, ${odd} to look at. The lines above say what mends them.`;
}
