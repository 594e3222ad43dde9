import { showInvisible } from "../contract/secrets.ts";
import { fitWidth } from "./text-width.ts";

const BAR_COLUMNS = 24;
/** The bar is drawn at most this often: terminals over slow links fall behind otherwise. */
const DRAW_EVERY_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

interface ProgressOptions {
  label: string;
  total: number;
  /** Undefined: nothing is drawn. */
  write: ((text: string) => void) | undefined;
  columns: () => number;
  ended: () => void;
}

/** A bar for long work: `[######      ] 12/40 label`. */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  #done = 0;
  #note: string;
  #drawnAt = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#note = options.label;
    this.draw();
  }

  /** Counts `steps` more; `note` replaces the label from here on. */
  advance(steps = 1, note?: string): void {
    this.#done += steps;
    if (note !== undefined) this.#note = note;
    if (Date.now() - this.#drawnAt >= DRAW_EVERY_MS || this.#done >= this.#options.total) this.draw();
  }

  draw(): void {
    this.#drawnAt = Date.now();
    this.#options.write?.(CLEAR_LINE + fitWidth(this.#line(), this.#options.columns() - 1));
  }

  /** Makes room for a line of text; `draw` brings the bar back. */
  clear(): void {
    this.#options.write?.(CLEAR_LINE);
  }

  [Symbol.dispose](): void {
    this.clear();
    this.#options.ended();
  }

  #line(): string {
    const { total } = this.#options;
    const share = total > 0 ? Math.min(1, this.#done / total) : 0;
    const filled = Math.round(share * BAR_COLUMNS);
    return `[${"#".repeat(filled)}${" ".repeat(BAR_COLUMNS - filled)}] ${this.#done}/${total} ${showInvisible(this.#note)}`;
  }
}
