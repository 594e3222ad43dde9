import { stringify } from "yaml";

/** What templates of a chart see: `.Values`, `.Release`, `.Chart`. */
export type ChartContext = Readonly<Record<"Values" | "Release" | "Chart", unknown>>;

/** The value that was piped in comes last, as in Go's templates. */
const FUNCTIONS: Record<string, (...given: readonly unknown[]) => unknown> = {
  default: (fallback, value) => (isTrue(value) ? value : fallback),
  nindent: (spaces, text) => `\n${String(text).replaceAll(/^/gm, " ".repeat(Number(spaces)))}`,
  not: (value) => !isTrue(value),
  quote: (value) => JSON.stringify(String(value)),
  required: (message, value) => {
    if (isTrue(value)) return value;
    throw new Error(String(message));
  },
  toYaml: (value) => stringify(value).trimEnd(),
};

const ACTION = /(\{\{(?:- )? *.+? *(?: -)?\}\})/;

/**
 * Renders a template of a chart as Helm does, but knows only what the chart of this repository uses: values, the functions above,
 * pipes, `if` and `end`. It throws for everything else, also for a value that is nowhere.
 */
export function renderTemplate(template: string, context: ChartContext): string {
  const rendering = new Rendering(context);
  const parts = template.split(ACTION);
  for (const [index, part] of parts.entries())
    if (index % 2 === 1) rendering.act(part.replaceAll(/^\{\{(?:- )? *| *(?: -)?\}\}$/g, ""));
    else rendering.write(trimmed(part, { before: parts[index - 1], after: parts[index + 1] }));
  return rendering.finish();
}

/** A dash inside the braces takes the white space beside them away. */
function trimmed(text: string, { before, after }: Record<"before" | "after", string | undefined>): string {
  const begun = before?.endsWith(" -}}") === true ? text.trimStart() : text;
  return after?.startsWith("{{- ") === true ? begun.trimEnd() : begun;
}

class Rendering {
  readonly #context: ChartContext;
  /** Of every `if` that is open, whether it holds. */
  readonly #open: boolean[] = [];
  #text = "";

  constructor(context: ChartContext) {
    this.#context = context;
  }

  get #isShown(): boolean {
    return !this.#open.includes(false);
  }

  write(text: string): void {
    if (this.#isShown) this.#text += text;
  }

  act(action: string): void {
    if (action.startsWith("if "))
      this.#open.push(this.#isShown && isTrue(evaluate(action.slice("if ".length), this.#context)));
    else if (action !== "end") this.write(this.#isShown ? String(evaluate(action, this.#context)) : "");
    else if (this.#open.pop() === undefined) throw new Error("an end without an if");
  }

  finish(): string {
    if (this.#open.length > 0) throw new Error("an if without an end");
    return this.#text;
  }
}

function evaluate(pipeline: string, context: ChartContext): unknown {
  const [first = "", ...others] = pipeline.match(/(?:"[^"]*"|[^"|])+/g) ?? [];
  return others.reduce<unknown>(
    (piped, stage) => call(stage, context, piped),
    /^ *[".]/.test(first) ? valueOf(first.trim(), context) : call(first, context),
  );
}

function call(stage: string, context: ChartContext, ...piped: readonly unknown[]): unknown {
  const [name = "", ...words] = stage.match(/"[^"]*"|\S+/g) ?? [];
  const known = FUNCTIONS[name];
  if (known === undefined) throw new Error(`no function ${name}`);
  return known(...words.map((word) => valueOf(word, context)), ...piped);
}

function valueOf(word: string, context: ChartContext): unknown {
  if (/^(?:".*"|\d+)$/.test(word)) return JSON.parse(word);
  if (!word.startsWith(".")) throw new Error(`not a value: ${word}`);
  return word
    .slice(1)
    .split(".")
    .reduce<unknown>((from, name) => memberOf(from, name, word), context);
}

function memberOf(from: unknown, name: string, word: string): unknown {
  const found = Object.entries(from ?? {}).find(([key]) => key === name);
  if (found === undefined) throw new Error(`there is no ${word}`);
  return found[1];
}

/** As Go's templates see it: nothing in it is false. */
function isTrue(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
