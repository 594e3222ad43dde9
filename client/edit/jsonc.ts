import { LIMITS } from "../../contract/limits.ts";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** A value as it stands in a text. `offset` counts UTF-16 units from the beginning of the text, a byte order mark included. */
export type JsonNode = JsonScalar | JsonContainer;

interface JsonScalar {
  readonly kind: "scalar";
  readonly offset: number;
  readonly length: number;
  readonly value: null | boolean | number | string;
}

/** An object or an array; the members of an array have no names. */
export interface JsonContainer {
  readonly kind: "object" | "array";
  readonly offset: number;
  readonly length: number;
  readonly members: readonly JsonMember[];
}

/** An element, or a property with its key: `offset` is where the key begins. */
export interface JsonMember {
  readonly offset: number;
  readonly name: string | undefined;
  readonly value: JsonNode;
  /** Where the comma behind it stands, if there is one. */
  readonly comma: number | undefined;
}

/** A comment without the line break that ends it. */
export interface JsonComment {
  readonly offset: number;
  readonly length: number;
}

/** What a text holds. `root` is undefined when nothing but blanks and comments is there, or when there is a fault. */
export interface JsonText {
  readonly root: JsonNode | undefined;
  readonly comments: readonly JsonComment[];
  readonly faults: readonly string[];
}

const BLANKS = /[ \t\r\n]*/y;
const COMMENT = /\/\/[^\r\n]*|\/\*[^]*?\*\//y;
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const WORD = /-?\d[\d.eE+-]*|true|false|null/y;

/**
 * Where every value of a JSON text stands. Understands what people write into settings files: comments, a comma
 * behind the last member, a byte order mark. Equal keys stand side by side; the last one counts, as in JSON.parse.
 */
export function parseJsonc(text: string): JsonText {
  const scanner = new Scanner(text);
  try {
    return { root: scanner.text(), comments: scanner.comments, faults: [] };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { root: undefined, comments: scanner.comments, faults: [error.message] };
  }
}

/** Where a member ends, its comma left aside. */
export function endOf({ value }: JsonMember): number {
  return value.offset + value.length;
}

class Fault extends Error {}

class Scanner {
  readonly comments: JsonComment[] = [];
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith("\uFEFF") ? 1 : 0;
  }

  text(): JsonNode | undefined {
    this.#skip();
    if (this.#at === this.#text.length) return undefined;
    const root = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#fault("something stands behind the end");
    return root;
  }

  #value(depth: number): JsonNode {
    if (depth > LIMITS.client.editedDepth) throw this.#fault("nested too deep");
    const sign = this.#text[this.#at];
    if (sign === "{") return this.#container("object", depth);
    if (sign === "[") return this.#container("array", depth);
    return this.#scalar(sign === '"' ? STRING : WORD);
  }

  #scalar(shape: RegExp): JsonScalar {
    const offset = this.#at;
    const literal = this.#take(shape);
    const value = literal === undefined ? undefined : scalarOf(literal);
    if (literal === undefined || value === undefined) throw this.#fault("no JSON value", offset);
    return { kind: "scalar", offset, length: literal.length, value };
  }

  #container(kind: JsonContainer["kind"], depth: number): JsonContainer {
    const offset = this.#at;
    const members: JsonMember[] = [];
    const close = kind === "object" ? "}" : "]";
    for (this.#step(); this.#text[this.#at] !== close;) {
      if (members.length > 0 && members.at(-1)?.comma === undefined) throw this.#fault("a comma is missing");
      members.push(this.#member(kind, depth + 1));
    }
    this.#at += 1;
    return { kind, offset, length: this.#at - offset, members };
  }

  #member(kind: JsonContainer["kind"], depth: number): JsonMember {
    const offset = this.#at;
    const name = kind === "object" ? this.#key() : undefined;
    const value = this.#value(depth);
    this.#skip();
    if (this.#text[this.#at] !== ",") return { offset, name, value, comma: undefined };
    const comma = this.#at;
    this.#step();
    return { offset, name, value, comma };
  }

  #key(): string {
    const { value } = this.#scalar(STRING);
    this.#skip();
    if (this.#text[this.#at] !== ":") throw this.#fault("a colon is missing");
    this.#step();
    return String(value);
  }

  /** Over one sign, and what may stand between two signs. */
  #step(): void {
    this.#at += 1;
    this.#skip();
  }

  #skip(): void {
    this.#take(BLANKS);
    for (let offset = this.#at; this.#text[offset] === "/"; offset = this.#at) {
      const comment = this.#take(COMMENT);
      if (comment === undefined) throw this.#fault("a comment that does not end");
      this.comments.push({ offset, length: comment.length });
      this.#take(BLANKS);
    }
  }

  #take(shape: RegExp): string | undefined {
    shape.lastIndex = this.#at;
    const [found] = shape.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fault(what: string, at = this.#at): Fault {
    const line = this.#text.slice(0, at).split("\n").length;
    return new Fault(`line ${line}: ${at < this.#text.length ? what : "it ends too early"}`);
  }
}

/** The value of a literal; undefined for one that is no JSON, such as `01` or `"\x"`. */
function scalarOf(literal: string): JsonScalar["value"] | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    const isScalar = value === null || ["boolean", "number", "string"].includes(typeof value);
    return isScalar ? toScalar(value) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toScalar(value: unknown): JsonScalar["value"] | undefined {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  return typeof value === "string" ? value : undefined;
}
