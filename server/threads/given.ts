/** What a thread of the server is started with; only the one that writes the index has a cell. */
export interface Given {
  /** MEMORY_ROOT. */
  root: string;
  cell?: unknown;
}

/** The data a thread was started with. Looked at by hand: to load a library for that costs each thread some megabytes. */
export function given(workerData: unknown): Given {
  if (isGiven(workerData)) return workerData;
  throw new TypeError("the thread was started without a root");
}

function isGiven(data: unknown): data is Given {
  return typeof data === "object" && data !== null && "root" in data && typeof data.root === "string";
}
