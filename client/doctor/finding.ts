/** `warn`: it works, and somebody should look at it. `fail`: something is wrong, or will be lost. */
export type State = "ok" | "warn" | "fail";

/** One line of `doctor`. Goes out as JSON, so its names are a promise. It never holds a secret. */
export interface Finding {
  /** What was looked at; several findings may be about one thing. */
  readonly id: string;
  readonly state: State;
  readonly message: string;
  /** What mends it, for a shell. */
  readonly command?: string;
  /** What mends it where only a person can. */
  readonly advice?: string;
}

type Mending = { readonly command: string } | { readonly advice: string };

export function ok(id: string, message: string): Finding {
  return { id, state: "ok", message };
}

export function warn(id: string, message: string, mending: Mending): Finding {
  return { id, state: "warn", message, ...mending };
}

export function fail(id: string, message: string, mending: Mending): Finding {
  return { id, state: "fail", message, ...mending };
}
