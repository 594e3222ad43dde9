import process from "node:process";
import { Transform, type TransformCallback } from "node:stream";

/**
 * Passes pieces on, those that come together as one: an API that writes each event for itself would else cost a step through
 * everything behind, and a chunk of the answer, for each of them. Nothing waits longer than the turn in which it came.
 */
export class Gatherer extends Transform {
  /** It is done only behind this turn; what is written until then comes to `_writev`. */
  override _transform(piece: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    process.nextTick(done, null, piece);
  }

  override _writev(pieces: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(pieces.map(({ chunk }) => chunk)), "utf8", done);
  }
}
