import { LIMITS } from "../../contract/limits.ts";
import { UsageError, type Arguments, type Option } from "./command.ts";

interface Page<Entry> {
  entries: Entry[];
  next_cursor?: string | undefined;
}

const DEFAULT_ENTRIES = 50;

/** The options of every list. */
export const PAGING = {
  limit: { type: "string", value: "N", summary: `Entries to show (default ${DEFAULT_ENTRIES})` },
  cursor: { type: "string", value: "CURSOR", summary: "Go on where an earlier list ended" },
} as const satisfies Record<string, Option>;

/** Asks for pages until the list is as long as --limit says, or ends. */
export async function collect<Entry>(
  args: Arguments<keyof typeof PAGING>,
  fetchPage: (range: { limit: number; cursor: string | undefined }) => Promise<Page<Entry>>,
): Promise<Page<Entry>> {
  const wanted = countOption(args, "limit") ?? DEFAULT_ENTRIES;
  const entries: Entry[] = [];
  let cursor = args.option("cursor");
  do {
    const limit = Math.min(wanted - entries.length, LIMITS.answer.pageEntries);
    const page = await fetchPage({ limit, cursor });
    entries.push(...page.entries);
    cursor = page.next_cursor;
  } while (cursor !== undefined && entries.length < wanted);
  return { entries, ...(cursor === undefined ? {} : { next_cursor: cursor }) };
}

/** A whole number from 1 on, or undefined when the option is absent. Throws UsageError. */
export function countOption<Name extends string>(args: Arguments<Name>, name: Name): number | undefined {
  const text = args.option(name);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new UsageError(`--${name} wants a whole number from 1 on, not "${text}"`);
}

/** One of a few words, or undefined when the option is absent. Throws UsageError. */
export function choiceOption<Name extends string, const Choice extends string>(
  args: Arguments<Name>,
  name: Name,
  choices: readonly Choice[],
): Choice | undefined {
  const text = args.option(name);
  if (text === undefined) return undefined;
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${name} wants one of ${choices.join(", ")}, not "${text}"`);
}
