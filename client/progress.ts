import { showInvisible } from "../contract/secrets.ts";
import { formatBytes, formatDuration } from "./format.ts";
import { fitWidth } from "./text-width.ts";

const BAR_COLUMNS = 24;
/** The bar is drawn at most this often: terminals over slow links fall behind otherwise. */
const DRAW_EVERY_MS = 100;
const CLEAR_LINE = "\r\u001b[K";

interface ProgressOptions {
  label: string;
  total: number;
  /** How far it is, in words; without it `12/40`. */
  count?: CountWords | undefined;
  /** Undefined: nothing is drawn. */
  write: ((text: string) => void) | undefined;
  columns: () => number;
  ended: () => void;
}

/** Says how far long work is that began `elapsedMs` ago. */
export type CountWords = (done: number, total: number, elapsedMs: number) => string;

/** A rate that was looked at for less time than this is none. */
const RATE_AFTER_MS = 1000;

/** For work that counts bytes: `12 MB/80 MB, 4.1 MB/s, 16 s left`. */
export const bytesAndRate: CountWords = (done, total, elapsedMs) => {
  const said = `${formatBytes(done)}/${formatBytes(total)}`;
  if (done === 0 || elapsedMs < RATE_AFTER_MS) return said;
  const leftMs = ((total - done) / done) * elapsedMs;
  return `${said}, ${formatBytes((done / elapsedMs) * 1000)}/s, ${formatDuration(leftMs)} left`;
};

/** A bar for long work: `[######      ] 12/40 label`. */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  #done = 0;
  #note: string;
  #drawnAt = 0;
  readonly #beganAt = Date.now();

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
    const { total, count = countOf } = this.#options;
    const share = total > 0 ? Math.min(1, this.#done / total) : 0;
    const filled = Math.round(share * BAR_COLUMNS);
    return `[${"#".repeat(filled)}${" ".repeat(BAR_COLUMNS - filled)}] ${count(this.#done, total, Date.now() - this.#beganAt)} ${showInvisible(this.#note)}`;
  }
}

function countOf(done: number, total: number): string {
  return `${done}/${total}`;
}
