import type { Random } from "../generate/random.ts";
import type { Said } from "./story.ts";

/** What people of one project talk about all the time. */
export interface Trade {
  modules: readonly string[];
  services: readonly string[];
  /** Ending of its source files. */
  ending: string;
}

const PARTS =
  `cache cart client cookie cursor customer date email error event export file filter form handler header image
import index invoice job language limit list loader lock log login mail message metric migration model note number order page
parser payment permission pool price product query queue reader refund report request retry route row schema search session
setting store stream sync table task template test time timeout token total upload user validator version webhook worker
writer zone`.split(/\s+/);

const VERBS = ["get", "load", "make", "parse", "read", "save", "send", "update", "validate", "write"];

/** The model looks around and runs things: what of a session is no conversation, and most of its bytes. */
export class UsualSteps {
  readonly #random: Random;
  readonly #trade: Trade;

  constructor(random: Random, trade: Trade) {
    this.#random = random;
    this.#trade = trade;
  }

  /** A remark, a call and its result. */
  step(): Said[] {
    const { command, output } = this.#random.pick([
      () => this.#source(),
      () => this.#tests(),
      () => this.#grep(),
      () => this.#log(),
      () => this.#failure(),
    ])();
    return [
      { by: "assistant", text: this.#remark(), mark: undefined },
      { by: "command", text: command, mark: undefined },
      { by: "result", text: output.join("\n"), mark: undefined },
    ];
  }

  /** The same text with its slots filled: `{module}`, `{service}`, `{file}`, `{n}`, `{m}`. */
  fill(text: string): string {
    const slots = { ...this.#slots, module: this.#part(), service: this.#random.pick(this.#trade.services) };
    return text.replaceAll(
      /\{(\w+)\}/g,
      (slot, name: string) => Object.entries(slots).find(([key]) => key === name)?.[1] ?? slot,
    );
  }

  get #slots() {
    return {
      file: this.#file(),
      n: String(2 + this.#random.integer(90)),
      m: String(2 + this.#random.integer(40)),
    };
  }

  #part(): string {
    return this.#random.pick(this.#trade.modules);
  }

  #file(): string {
    const folder = this.#random.chance(0.3) ? "test" : "src";
    return `${folder}/${this.#part()}/${this.#random.pick(PARTS)}-${this.#random.pick(PARTS)}.${this.#trade.ending}`;
  }

  #name(): string {
    const part = this.#random.pick(PARTS);
    return `${this.#random.pick(VERBS)}${part.charAt(0).toUpperCase()}${part.slice(1)}`;
  }

  #remark(): string {
    const file = this.#file();
    return this.#random.pick([
      `Let me look at ${file} first.`,
      `I'll run the tests of ${this.#part()}.`,
      `Now where is ${this.#name()} called?`,
      `That is done. Next: ${file}.`,
      "Let me check what the log says.",
      "One moment, I want to see the history of this file.",
    ]);
  }

  #source() {
    const output = this.#lines(10, 70, (index) => {
      const [a, b] = [this.#random.pick(PARTS), this.#random.pick(PARTS)];
      const code = this.#random.pick([
        `export async function ${this.#name()}(${a}, ${b}) {`,
        `  const ${a} = await ${this.#name()}(${b}.${this.#random.pick(PARTS)});`,
        `  if (${a} === undefined) throw new Error("no ${a} for this ${b}");`,
        `  return ${this.#name()}({ ${a}, ${b}, limit: ${this.#random.integer(500)} });`,
        `// the ${a} must not be older than the ${b}`,
        "}",
        "",
      ]);
      return `${String(index + 1).padStart(5)}\t${code}`;
    });
    return { command: `cat -n ${this.#file()}`, output };
  }

  #tests() {
    const lines = this.#lines(8, 50, () => {
      const mark = this.#random.chance(0.95) ? "✓" : "✗";
      return ` ${mark} ${this.#file()} > ${this.#random.pick(VERBS)}s the ${this.#random.pick(PARTS)} of a ${this.#random.pick(PARTS)} ${this.#random.integer(900)}ms`;
    });
    return { command: `npm test -- ${this.#part()}`, output: [...lines, ` Tests  ${lines.length} passed`] };
  }

  #grep() {
    const output = this.#lines(
      5,
      40,
      () => `${this.#file()}:${1 + this.#random.integer(300)}:  ${this.#name()}(${this.#random.pick(PARTS)})`,
    );
    return { command: `grep -rn "${this.#name()}" src`, output };
  }

  #log() {
    const output = this.#lines(5, 20, () => {
      const [verb, part] = [
        this.#random.pick(["Fix", "Add", "Remove", "Rename", "Speed up", "Test"]),
        this.#random.pick(PARTS),
      ];
      return `${this.#random.hex(7)} ${verb} ${part} ${this.#random.pick(PARTS)} in ${this.#part()}`;
    });
    return { command: `git log --oneline -${output.length}`, output };
  }

  #failure() {
    const at = this.#lines(
      4,
      16,
      () =>
        `    at ${this.#name()} (${this.#file()}:${this.#random.integer(300)}:${this.#random.integer(60)})`,
    );
    const said = `Error: ${this.#random.pick(PARTS)} ${this.#random.pick(["timeout", "not found", "is not a function", "refused", "is locked"])}`;
    return { command: `node ${this.#file()}`, output: [said, ...at] };
  }

  #lines(least: number, most: number, line: (index: number) => string): string[] {
    return Array.from({ length: least + this.#random.integer(most - least) }, (_, index) => line(index));
  }
}
