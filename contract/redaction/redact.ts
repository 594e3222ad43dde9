import { parseJson } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { compileRules, findSecrets, type CompiledRules, type Found } from "./matches.ts";
import { literalRule, RULES } from "./rules.ts";

/** How often each rule matched. */
export type Counts = Record<string, number>;

export interface Redacted {
  text: string;
  counts: Counts;
}

/** Stands in the later lines of what stood in several. */
const MORE = "[...]";

/**
 * Takes secrets out of text, each replaced by `[redacted:<rule>]`. The same text always gives the same: nothing is
 * random and nothing remembered, and doing it twice changes nothing. Lines stay lines.
 */
export class Redaction {
  readonly #rules: CompiledRules;

  /** `literals`: secrets of this machine, which are taken out wherever they stand. */
  constructor(literals: readonly string[] = []) {
    this.#rules = compileRules([...literals.map(literalRule), ...RULES]);
  }

  /** Where the first hint of a secret in UTF-8 or ASCII bytes ends; -1 where none is, and then nothing there is a secret. */
  hintIn(bytes: Uint8Array, from: number): number {
    return this.#rules.scanner.firstIn(bytes, from);
  }

  /**
   * One line of a transcript, as text or with one character for each of its bytes. A line that was JSON before is JSON
   * after: where marks in its text would break it, its strings are redacted one by one and it is written anew.
   */
  line(text: string): Redacted {
    const redacted = this.document(text);
    if (redacted.text === text || parseJson(redacted.text) !== undefined) return redacted;
    const value = parseJson(text);
    return value === undefined ? redacted : this.#anew(value);
  }

  /** Any text, with as many lines after as before. */
  document(text: string): Redacted {
    const redacted: Redacted = { text, counts: {} };
    for (let round = 0; round < LIMITS.redaction.rounds; round += 1) {
      const found = findSecrets(this.#rules, redacted.text);
      if (found.length === 0) break;
      redacted.text = replaced(redacted.text, found, redacted.counts);
    }
    return redacted;
  }

  #anew(value: unknown): Redacted {
    const counts: Counts = { rewritten: 1 };
    const text = JSON.stringify(value, (key, part: unknown) => {
      if (typeof part !== "string") return part;
      const own = this.document(part);
      const lead = `${JSON.stringify(key)}:`;
      const named = own.text === part ? this.document(`${lead}"${part}"`) : own;
      for (const [rule, count] of Object.entries(named.counts)) counts[rule] = (counts[rule] ?? 0) + count;
      return named === own ? own.text : named.text.slice(lead.length + 1, -1);
    });
    return { text, counts };
  }
}

/** Puts the marks in, and counts them. */
function replaced(text: string, found: readonly Found[], counts: Counts): string {
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, rule, quote } of found) {
    counts[rule] = (counts[rule] ?? 0) + 1;
    parts.push(text.slice(position, start), quote, markFor(rule, text.slice(start, end)), quote);
    position = end;
  }
  parts.push(text.slice(position));
  return parts.join("");
}

function markFor(rule: string, secret: string): string {
  let isFirst = true;
  return secret.replace(/[^\r\n]+/g, () => {
    const mark = isFirst ? `[redacted:${rule}]` : MORE;
    isFirst = false;
    return mark;
  });
}
