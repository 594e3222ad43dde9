import { LIMITS } from "../../contract/limits.ts";
import type { TurnRole } from "../../contract/search.ts";
import { maskSecrets } from "../../contract/secrets.ts";
import { parseObject, textAt } from "../../contract/transcript-json.ts";
import { readTurns } from "../../contract/transcript.ts";

/** What a search finds in a turn: a tool's name goes before what it was asked. */
export interface SearchedTurn {
  role: TurnRole;
  text: string;
}

/**
 * The turns of one line of a transcript as they are searched, masked. The index and whoever searches without it read the
 * same text. Memory is bounded: a thread that runs out of it takes the whole server with it. So a line that is too long or
 * holds too many values has no turns, and of much text only the beginning counts.
 */
export function turnsOfLine(line: string): SearchedTurn[] {
  if (line.length > LIMITS.search.lineBytes || hasTooManyValues(line)) return [];
  const turns: SearchedTurn[] = [];
  let rest: number = LIMITS.search.lineChars;
  for (const { role, text, name } of readTurns(line)) {
    if (rest <= 0) break;
    const masked = maskSecrets(name === undefined ? text : `${name} ${text}`);
    turns.push({ role, text: masked.slice(0, rest) });
    rest -= masked.length;
  }
  return turns;
}

const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACE = 0x7b;

/** Each value of a list or an object stands behind one of these signs; some signs are part of a text. */
function hasTooManyValues(line: string): boolean {
  if (line.length <= LIMITS.search.lineValues) return false;
  let signs = 0;
  for (let index = 0; index < line.length; index += 1) {
    const code = line.charCodeAt(index);
    if (code === COMMA || code === BRACKET || code === BRACE) signs += 1;
  }
  return signs > LIMITS.search.lineValues;
}

const TIMESTAMP = /"timestamp":\s*"(\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))"/g;

/** When a line was written, if it says so. Only one with several times (a tool's own may be inside) has to be parsed. */
export function timeOfLine(line: string): number | undefined {
  const [first, ...others] = [...line.matchAll(TIMESTAMP)];
  const stamp = others.length === 0 ? first?.[1] : textAt(parseObject(line), "timestamp");
  const timeMs = stamp === undefined ? Number.NaN : Date.parse(stamp);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
