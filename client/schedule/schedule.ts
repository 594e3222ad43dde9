import type { Environment } from "../home/home.ts";

/** Minutes between two runs that every scheduler can express. */
export const MINUTES = [5, 10, 15, 20, 30, 60] as const;
export type Minutes = (typeof MINUTES)[number];

/** What a schedule starts. All paths are absolute. */
export interface ScheduleFacts {
  environment: Environment;
  launcher: string;
  /** For Windows, where a batch file would show a window. */
  node: string;
  bundle: string;
  minutes: Minutes;
}

/** One scheduler of an operating system. */
export interface Schedule {
  readonly name: string;
  /** True where this machine has it, as far as can be told without changing anything. */
  isUsable(environment: Environment): Promise<boolean>;
  isInstalled(environment: Environment): Promise<boolean>;
  /** True when it is there as it should be: then `install` changes nothing. */
  isDone(facts: ScheduleFacts): Promise<boolean>;
  /** What `install` would write and run, for people. */
  describe(facts: ScheduleFacts): string[];
  /** Writes and starts it; the one before is replaced. False when it was there already, as it should be. */
  install(facts: ScheduleFacts): Promise<boolean>;
  /** Stops it and takes it away. */
  remove(environment: Environment): Promise<void>;
}
