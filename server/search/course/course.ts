import type { Budget } from "./budget.ts";
import type { Trace } from "./trace.ts";

/** What goes along with one search from its beginning to its end. */
export interface Course {
  budget: Budget;
  trace: Trace;
}
