import type { Random } from "../generate/random.ts";

/** What the lines of one transcript share. */
export interface Frame {
  random: Random;
  sessionId: string;
  cwd: string;
  /** The time of the next line; every call moves it on. */
  now: () => string;
}
