import { RemoteError } from "./remote-error.ts";

/** What it means that `fetch` failed: no answer came from the server at this root, in time or at all. */
export function unreachable(root: string, error: unknown): RemoteError {
  const { host } = new URL(root);
  const isLate = error instanceof Error && error.name === "TimeoutError";
  const message = isLate ? `${host} did not answer in time` : `${host} cannot be reached${reasonOf(error)}`;
  return new RemoteError("network", message, { cause: error, hint: "Is the server running there?" });
}

/** Why fetch failed lies in the causes of its error, as a system code or, say for a port that fetch refuses, in words. */
function reasonOf(error: unknown): string {
  let deepest = "";
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string") return ` (${cause.code})`;
    deepest = cause.message;
  }
  return deepest === "" ? "" : ` (${deepest})`;
}
