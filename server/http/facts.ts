import { randomUUID } from "node:crypto";

/** What is known about the request in progress; ends up in its log line. */
export interface RequestFacts {
  readonly id: string;
  readonly address: string;
  readonly startedMs: number;
  /** Pattern of the route that answers, never the raw path. */
  route: string;
  principalId?: string;
}

declare global {
  // Express documents this as the way to type `response.locals`.
  namespace Express {
    interface Locals {
      facts: RequestFacts;
    }
  }
}

export function newFacts(address: string): RequestFacts {
  return { id: randomUUID(), address, startedMs: performance.now(), route: "unmatched" };
}
