const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds the ends of events in a stream of them, whatever its pieces are. A line ends with CRLF, LF or CR, an event with an empty
 * line. What is there is never waited with: a CR at the end of a piece ends the line at once, and an LF behind it belongs to it.
 */
export class EventEnds {
  #isLineEmpty = true;
  #isAfterCr = false;
  #isAfterEvent = false;

  /** The offsets in the next piece behind which an event is over. */
  of(piece: Buffer): number[] {
    const ends: number[] = [];
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at];
      if (byte !== LF && byte !== CR) this.#isLineEmpty = false;
      else if (byte === LF && this.#isAfterCr) this.#moveEnd(ends, at);
      else this.#endLine(ends, at);
      this.#isAfterCr = byte === CR;
    }
    return ends;
  }

  #endLine(ends: number[], at: number): void {
    if (this.#isLineEmpty) ends.push(at + 1);
    this.#isAfterEvent = this.#isLineEmpty;
    this.#isLineEmpty = true;
  }

  /** The LF of a CRLF: an event that the CR has ended is over behind it only. */
  #moveEnd(ends: number[], at: number): void {
    if (!this.#isAfterEvent) return;
    if (ends.at(-1) === at) ends.pop();
    ends.push(at + 1);
  }
}
