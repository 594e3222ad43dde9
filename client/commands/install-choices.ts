import type { Choices } from "../edit/choices.ts";
import { UsageError } from "./command.ts";

type Part = "mcp" | "hooks" | "shell" | "allow-tools" | "literal-header";

interface Given {
  flag(name: Part | `no-${Part | "schedule"}`): boolean;
  option(name: "schedule"): string | undefined;
}

/** What the options say of the parts; nothing of what they leave open. Throws UsageError for an option and its opposite. */
export function choicesIn(args: Given): Omit<Choices, "every"> {
  const schedule = args.option("schedule");
  if (schedule !== undefined && args.flag("no-schedule"))
    throw new UsageError("--schedule and --no-schedule exclude each other");
  const said = {
    mcp: oneOf(args, "mcp"),
    hooks: oneOf(args, "hooks"),
    shell: oneOf(args, "shell"),
    allow_tools: oneOf(args, "allow-tools"),
    literal_header: oneOf(args, "literal-header"),
    schedule: args.flag("no-schedule") ? "none" : schedule,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

function oneOf(args: Given, part: Part): boolean | undefined {
  const [yes, no] = [args.flag(part), args.flag(`no-${part}`)];
  if (yes && no) throw new UsageError(`--${part} and --no-${part} exclude each other`);
  return yes || no ? yes : undefined;
}
