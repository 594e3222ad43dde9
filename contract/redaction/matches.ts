import { LIMITS } from "../limits.ts";
import type { Rule } from "./rule.ts";
import { Scanner } from "./scan.ts";
import { beginsWord } from "./shapes.ts";

/** Rules with what finds their anchors. */
export interface CompiledRules {
  readonly scanner: Scanner;
  readonly anchors: readonly { readonly length: number; readonly rules: readonly Rule[] }[];
}

/** A place that is to be redacted. */
export interface Found {
  start: number;
  end: number;
  rule: string;
  /** Goes around the mark. */
  quote: string;
}

interface Match extends Found {
  weak: boolean;
}

const WINDOW = LIMITS.redaction.windowChars;
const LOOK_BEHIND = 128;
const COLOUR_END = /[0-9;]{0,8}m/y;
const GOES_ON = /[A-Za-z0-9+/=_.%~-]{1,8192}/y;

export function compileRules(rules: readonly Rule[]): CompiledRules {
  const byAnchor = new Map<string, Rule[]>();
  for (const rule of rules)
    for (const anchor of new Set(rule.anchors.map((each) => each.toLowerCase())))
      byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), rule]);
  return {
    scanner: new Scanner([...byAnchor.keys()]),
    anchors: [...byAnchor].map(([anchor, own]) => ({ length: anchor.length, rules: own })),
  };
}

/** Every secret of a text, in order, none touching the next one's inside. */
export function findSecrets({ scanner, anchors }: CompiledRules, text: string): Found[] {
  const matches: Match[] = [];
  /** What lies before it needs no second look, or none from rules that see only surroundings. */
  const seen = { byAll: 0, byWeak: 0 };
  scanner.eachIn(text, (literal, end) => {
    const anchor = anchors[literal];
    if (anchor === undefined || end <= seen.byAll) return;
    let refused: RegExp | undefined;
    for (const rule of anchor.rules) {
      if (rule.weak === true && end <= seen.byWeak) continue;
      const at = rule.afterAnchor === true ? end : end - anchor.length;
      if (rule.ahead !== undefined && (rule.ahead === refused || !stands(rule.ahead, text, at))) {
        refused = rule.ahead;
        continue;
      }
      const match = matchOf(rule, text, at);
      if (match === undefined) continue;
      matches.push(match);
      seen.byWeak = Math.max(seen.byWeak, match.end);
      if (!match.weak) seen.byAll = Math.max(seen.byAll, match.end);
    }
  });
  return matches.length < 2 ? matches : united(matches);
}

function matchOf(rule: Rule, text: string, anchor: number): Match | undefined {
  const begin = beginOf(rule, text, anchor);
  if (rule.inWord !== true && !beginsWord(text, begin)) return undefined;
  const base = text.length > 2 * WINDOW ? Math.max(0, begin - LOOK_BEHIND) : 0;
  const view = text.length > 2 * WINDOW ? text.slice(base, begin + WINDOW) : text;
  const match = execAt(rule.pattern, view, begin - base);
  if (match === null) return undefined;
  const [whole, lead = "", value] = match;
  const start = begin + (value === undefined ? 0 : lead.length);
  const secret =
    rule.end === undefined ? (value ?? whole) : secretTo(rule.end, view, { begin: begin - base, lead });
  if (!isAccepted(rule, secret, { text, begin, start })) return undefined;
  const end = start + secret.length;
  const isCut = view.length < text.length - base && end >= base + view.length - 1;
  return {
    start,
    end: isCut ? endOfRest(text, end) : end,
    rule: rule.id,
    quote: rule.unquoted === true ? quoteOf(lead) : "",
    weak: rule.weak === true,
  };
}

function secretTo(
  end: NonNullable<Rule["end"]>,
  view: string,
  { begin, lead }: { begin: number; lead: string },
): string {
  const start = begin + lead.length;
  const before = view.slice(Math.max(0, begin - LOOK_BEHIND), begin);
  return view.slice(start, end(view, start, { before, lead }));
}

/** The quote, escaped or not, at the end of a name. */
function quoteOf(lead: string): string {
  return /^\\{0,15}["']/.exec(lead)?.[0] ?? "";
}

function isAccepted(
  { accepts }: Rule,
  secret: string,
  { text, begin, start }: { text: string; begin: number; start: number },
): boolean {
  if (accepts === undefined) return true;
  const before = text.slice(Math.max(0, begin - LOOK_BEHIND), begin);
  const after = text.charAt(start + secret.length);
  return accepts(secret, { before, lead: text.slice(begin, start), after });
}

/** Where a rule's match has to begin. The end of an escape is no part of it. */
function beginOf({ back }: Rule, text: string, anchor: number): number {
  if (back === undefined) return anchor;
  let begin = anchor;
  while (begin > 0 && anchor - begin < back.most && back.chars.test(text.charAt(begin - 1))) begin -= 1;
  return Math.min(anchor, begin + escapeAt(text, begin));
}

/** How many characters at a place belong to an escape that began before it: `\n`, `%22`, the colours of a terminal. */
function escapeAt(text: string, at: number): number {
  const before = text.charAt(at - 1);
  if (before === "\\") return 1;
  if (before === "%") return 2;
  return /[[;]/.test(before) ? (execAt(COLOUR_END, text, at)?.[0].length ?? 0) : 0;
}

function endOfRest(text: string, from: number): number {
  let end = from;
  for (let more = execAt(GOES_ON, text, end); more !== null; more = execAt(GOES_ON, text, end))
    end += more[0].length;
  return end;
}

function stands(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Overlapping matches as one, under the name of the rule that knows the secret by itself. */
function united(matches: Match[]): Match[] {
  const sorted = matches.toSorted((one, other) => one.start - other.start);
  const parts: Match[] = [];
  for (const match of sorted) {
    const last = parts.at(-1);
    if (last === undefined || match.start >= last.end) parts.push({ ...match });
    else {
      if (last.weak && !match.weak) Object.assign(last, { rule: match.rule, weak: false });
      last.end = Math.max(last.end, match.end);
    }
  }
  return parts;
}
