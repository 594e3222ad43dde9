import { random, type Random } from "./random.ts";

/** Stands for a piece of JSON that is written as it is. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON with blanks and escapes that nobody needs; the same value and seed give the same text, but for what `Raw` holds. */
export function spelled(value: unknown, seed: number): string {
  return writeValue(value, random(seed));
}

function writeValue(value: unknown, chance: Random): string {
  if (value instanceof Raw) return value.text;
  if (typeof value === "string") return writeString(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const blank = () => ["", "", " ", "\n\t", "\r\n"][chance.integer(0, 4)] ?? "";
  const between = () => `${blank()},${blank()}`;
  const inside = (parts: readonly string[]) => {
    const [first = "", ...others] = parts;
    return blank() + first + others.map((part) => between() + part).join("") + blank();
  };
  if (Array.isArray(value)) return `[${inside(value.map((item) => writeValue(item, chance)))}]`;
  const members = Object.entries(value).map(([key, item]) => {
    return `${writeString(key)}${blank()}:${blank()}${writeValue(item, chance)}`;
  });
  return `{${inside(members)}}`;
}

/** What could stand in the name of a tool is written plainly, of all else every second character as an escape. */
function writeString(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  const units = escaped.replaceAll(/[^\w\\"/ -]/gu, (unit, at: number) =>
    at % 2 === 0 && unit.length === 1 && escaped[at - 1] !== "\\"
      ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`
      : unit,
  );
  return `"${units.replaceAll("/", "\\/")}"`;
}
