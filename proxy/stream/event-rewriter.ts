import { Transform, type TransformCallback } from "node:stream";
import { LIMITS } from "../../contract/limits.ts";
import { applied, type Edit } from "../json/edits.ts";
import { EventFramer, type Framed } from "./event-framer.ts";
import { eventEdits, mayHoldName } from "./event-names.ts";
import type { NameMap } from "../rewrite/names.ts";

interface RewriterOptions {
  /** Bytes of one event, of which a longer one goes on as it is. */
  eventBytes?: number;
  /** Told of each such event. */
  onOversize?: () => void;
  /** Told the id of the message that the stream brings. */
  onMessage?: ((messageId: string) => void) | undefined;
}

/**
 * Gives a stream of events of the Messages API the client's names back. An event goes on as soon as it is whole, and only the bytes of
 * a name are others than they were: framing, spacing, other fields and what it does not know stay.
 */
export class EventRewriter extends Transform {
  readonly #names: NameMap;
  readonly #framer: EventFramer;
  readonly #onMessage: RewriterOptions["onMessage"];
  #isFirst = true;

  constructor(names: NameMap, options: RewriterOptions = {}) {
    super();
    const { eventBytes = LIMITS.proxy.eventBytes, onOversize = () => {}, onMessage } = options;
    this.#names = names;
    this.#onMessage = onMessage;
    this.#framer = new EventFramer({ eventBytes, onOversize });
  }

  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, this.#rewritten(this.#framer.push(piece)));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#rewritten(this.#framer.end()));
  }

  /** Undefined when there is nothing to send yet. */
  #rewritten({ bytes, events }: Framed): Buffer | undefined {
    if (bytes.length === 0) return undefined;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (!mayHoldName(bytes)) return bytes;
    const edits = events.flatMap(({ start, end }) => {
      const event = bytes.subarray(start, end);
      return mayHoldName(event) ? this.#edits(event, start, isFirst) : [];
    });
    return applied(bytes, edits);
  }

  #edits(event: Buffer, at: number, isFirst: boolean): Edit[] {
    const reading = { isFirst: isFirst && at === 0, onMessage: this.#onMessage };
    const edits = eventEdits(event, this.#names, reading);
    return edits.map(({ start, end, bytes }) => ({ start: start + at, end: end + at, bytes }));
  }
}
