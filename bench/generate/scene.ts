import type { Random } from "./random.ts";
import type { Writer } from "./writer.ts";

/** What the lines of one session share. */
export interface Scene {
  random: Random;
  writer: Writer;
  sessionId: string;
  cwd: string;
  /** What is planted, one after the other, in the first turns. */
  planted: string[];
  /** The time of the next line; every call moves it on. */
  now: () => string;
}
