import { EventEnds } from "./event-ends.ts";
import { HeldBytes } from "./held-bytes.ts";
import type { Span } from "../json/json-spans.ts";

/** Bytes that may go on, and the whole events in them; what lies outside of those goes on as it is. */
export interface Framed {
  bytes: Buffer;
  events: readonly Span[];
}

interface FramerOptions {
  /** A longer event is none of `events`: it goes on in pieces, as they come. */
  eventBytes: number;
  /** Told of each event that is longer. */
  onOversize: () => void;
}

/** Takes a stream of events piece by piece and gives it back in whole events: nothing is missing, added or in another order. */
export class EventFramer {
  readonly #ends = new EventEnds();
  readonly #held = new HeldBytes();
  readonly #options: FramerOptions;
  #isPassing = false;

  constructor(options: FramerOptions) {
    this.#options = options;
  }

  push(piece: Buffer): Framed {
    const ends = this.#ends.of(piece);
    const last = ends.at(-1) ?? 0;
    const shift = last === 0 ? 0 : this.#held.length;
    const bytes = last === 0 ? piece.subarray(0, 0) : this.#behindHeld(piece.subarray(0, last));
    const events = this.#eventsOf(ends.map((end) => end + shift));
    const rest = this.#hold(piece.subarray(last));
    return { bytes: rest === undefined ? bytes : Buffer.concat([bytes, rest]), events };
  }

  /** What is left at the end of the stream: an event that nobody has ended. */
  end(): Framed {
    const bytes = this.#held.take();
    return { bytes, events: this.#eventsOf(bytes.length === 0 ? [] : [bytes.length]) };
  }

  #behindHeld(piece: Buffer): Buffer {
    return this.#held.length === 0 ? piece : Buffer.concat([this.#held.take(), piece]);
  }

  #eventsOf(ends: readonly number[]): Span[] {
    const events = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, end }));
    return events.filter((event) => this.#isWhole(event));
  }

  #isWhole({ start, end }: Span): boolean {
    const isRest = this.#isPassing;
    this.#isPassing = false;
    if (isRest || end - start <= this.#options.eventBytes) return !isRest;
    this.#options.onOversize();
    return false;
  }

  /** What has to go on at once, because too much would be held. */
  #hold(rest: Buffer): Buffer | undefined {
    if (rest.length === 0) return undefined;
    if (this.#isPassing) return rest;
    this.#held.add(rest);
    if (this.#held.length <= this.#options.eventBytes) return undefined;
    this.#isPassing = true;
    this.#options.onOversize();
    return this.#held.take();
  }
}
