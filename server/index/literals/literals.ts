import { fold } from "../text/fold.ts";
import { readClass } from "./class.ts";
import { rarestPattern } from "./rarest.ts";
import { anyCase, UNIT_CLASSES, unitOf, unitOfClass, type Unit } from "./unit.ts";
import { ANYTHING, anyOf, clausesOf, Sequence, type Clause, type Known } from "./sequence.ts";

/**
 * Literals without which a regular expression (Rust's syntax) matches nothing: of each clause at least one stands,
 * folded, in every match. Undefined when nothing of the kind is certain, also for what ripgrep would refuse.
 */
export function requiredLiterals(source: string): readonly Clause[] | undefined {
  const known = new Expression(source).read();
  const clauses = known === undefined ? [] : clausesOf(known);
  return clauses.length === 0 ? undefined : clauses;
}

/**
 * A pattern for raw bytes of JSON (a byte is a character), case counts, that stands in every line of a transcript which
 * holds a match of a regular expression, unless the line has letters as escapes, or the reading of it adds them.
 * Undefined when none is rare enough to tell lines apart.
 */
export function rawPatternOf(source: string): string | undefined {
  return rarestPattern(new Expression(source).read()?.pieces ?? []);
}

/** This part of the syntax is not known here, so nothing is certain. */
class Doubt extends Error {
  override readonly name = "Doubt";
}

/** Stands at a place and matches no character: what is around it touches. */
const NO_WIDTH: Known = { exact: [""], clauses: [] };
const CONTROLS = new Map(Object.entries({ a: "\x07", f: "\f", t: "\t", n: "\n", r: "\r", v: "\v" }));
const HEX = /(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|[xuU]\{([\dA-Fa-f]{1,8})\})/y;
const REPEAT = /(?:[?*+]|\{(\d*)(,?)(\d*)\})/y;
const GROUP = /\((?:\?(?:P?<[^>]*>|([a-zA-Z-]*)([:)])))?/y;
const PROPERTY = /[pP](?:\{[^}]*\}|.)/uy;
const HALF_BOUNDARY = /b\{[a-z-]+\}/y;

/** Reads an expression from left to right. */
class Expression {
  readonly #source: string;
  #at = 0;
  #ignoresCase = false;

  constructor(source: string) {
    this.#source = source;
  }

  read(): Known | undefined {
    try {
      const known = this.#alternatives();
      return this.#at === this.#source.length ? known : undefined;
    } catch (error) {
      if (error instanceof Doubt) return undefined;
      throw error;
    }
  }

  /** Up to the end or the `)` of the group. */
  #alternatives(): Known {
    const before = this.#ignoresCase;
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    this.#ignoresCase = before;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : anyOf(parts);
  }

  #sequence(): Known {
    const sequence = new Sequence();
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined || next === "|" || next === ")") return sequence.known();
      const part = this.#part();
      sequence.add(part, this.#repeat());
    }
  }

  #part(): Known {
    if (this.#source[this.#at] === "(") return this.#group();
    if (this.#take("[")) return this.#class();
    if (this.#take("\\")) return this.#escape();
    if (this.#take(".")) return ANYTHING;
    if (this.#take("^") || this.#take("$")) return NO_WIDTH;
    const [character = ""] = this.#source.slice(this.#at, this.#at + 2);
    this.#at += character.length;
    if ("?*+{}".includes(character) && character !== "}") throw new Doubt();
    return this.#literal(character);
  }

  #group(): Known {
    const [, flags = "", end] = this.#match(GROUP) ?? doubt();
    const before = this.#ignoresCase;
    if (end !== undefined) this.#setFlags(flags);
    // `(?i)` holds for the rest of the group it stands in.
    if (end === ")") return NO_WIDTH;
    const inside = this.#alternatives();
    if (!this.#take(")")) throw new Doubt();
    this.#ignoresCase = before;
    return inside;
  }

  #setFlags(flags: string): void {
    const [on = "", off = ""] = flags.split("-");
    // Blanks that mean nothing, and matching by bytes.
    if (/[xR]/.test(on) || /u/.test(off)) throw new Doubt();
    if (on.includes("i")) this.#ignoresCase = true;
    if (off.includes("i")) this.#ignoresCase = false;
  }

  #class(): Known {
    const { end, body, members } = readClass(this.#source, this.#at) ?? doubt();
    this.#at = end;
    const known = members === undefined ? ANYTHING : anyOf(members.map((member) => this.#literal(member)));
    return { ...known, unit: this.#cased(unitOfClass(body)) };
  }

  #escape(): Known {
    const [, ...digits] = this.#match(HEX) ?? [];
    const code = digits.find((text) => text !== undefined);
    if (code !== undefined) return this.#literal(character(Number.parseInt(code, 16)));
    if (this.#match(PROPERTY) !== undefined) return ANYTHING;
    if (this.#match(HALF_BOUNDARY) !== undefined) return NO_WIDTH;
    const sign = this.#source[this.#at] ?? doubt();
    this.#at += 1;
    if ("dDsSwW".includes(sign)) return { ...ANYTHING, unit: UNIT_CLASSES[sign] };
    if ("bBAz<>".includes(sign)) return NO_WIDTH;
    return this.#literal(CONTROLS.get(sign) ?? (/[\dA-Za-z]/.test(sign) ? doubt() : sign));
  }

  /** Where case is ignored, letters beyond ASCII may have relatives that fold otherwise. */
  #literal(text: string): Known {
    if (this.#ignoresCase && /[^\0-\x7f]/.test(text)) return ANYTHING;
    return { exact: [fold(text)], clauses: [], unit: this.#cased(unitOf(text)) };
  }

  #cased(unit: Unit | undefined): Unit | undefined {
    return unit !== undefined && this.#ignoresCase ? anyCase(unit) : unit;
  }

  #repeat(): { min: number; max: number } {
    const [sign, from = "", comma, to = ""] = this.#match(REPEAT) ?? [];
    if (sign === undefined) return { min: 1, max: 1 };
    this.#take("?");
    if (/[?*+{]/.test(this.#source[this.#at] ?? "")) throw new Doubt();
    if (comma === undefined) return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Infinity };
    if (from === "" && to === "") throw new Doubt();
    const min = Number(from);
    if (comma === "") return { min, max: min };
    return { min, max: to === "" ? Infinity : Number(to) };
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source) ?? undefined;
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #take(sign: string): boolean {
    if (this.#source[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }
}

function doubt(): never {
  throw new Doubt();
}

function character(code: number): string {
  if (code > 0x10_ffff) throw new Doubt();
  return String.fromCodePoint(code);
}
