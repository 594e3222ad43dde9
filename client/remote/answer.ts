import { parseJson } from "../../contract/json.ts";
import { ErrorBody } from "../../contract/wire.ts";
import { kindOf, RemoteError, retryAfterMs } from "./remote-error.ts";

/**
 * The failure that an answer without success means. `text` is its body, empty when it could not be read; `tokenFrom` is where
 * the token that was presented lies.
 */
export function failureIn(
  response: Response,
  { text, tokenFrom }: { text: string; tokenFrom: string | undefined },
): RemoteError {
  const { status } = response;
  const parsed = ErrorBody.safeParse(parseJson(text));
  const said = parsed.success ? parsed.data.error : undefined;
  return new RemoteError(
    isRedirect(status) ? "network" : kindOf(status),
    inCommands(said?.message ?? wordsFor(response)),
    {
      status,
      code: said?.code,
      // The server tells how an AI is connected, not where this machine keeps its tokens.
      hint: status === 401 && tokenFrom !== undefined ? anotherToken(tokenFrom) : hintOf(said?.hint),
      details: said?.details,
      retryAfterMs: retryAfterMs(response.headers.get("retry-after"), Date.now()),
    },
  );
}

function anotherToken(place: string): string {
  return `It comes from ${place}; federated-memory join --machine NAME on the server makes another one`;
}

const COMMAND_OF = {
  list_workspaces: "`memory-sync workspaces`",
  list_sessions: "`memory-sync sessions`",
  list_knowledge: "`memory-sync search --knowledge`",
} as const;

/** The server's advice names the tools of AIs; people have commands. */
export function inCommands(advice: string): string {
  return Object.entries(COMMAND_OF).reduce(
    (text, [tool, command]) => text.replaceAll(`${tool} shows`, `${command} shows`),
    advice,
  );
}

function hintOf(hint: string | undefined): string | undefined {
  return hint === undefined ? undefined : inCommands(hint);
}

/** A portal of a hotel or a proxy answers 200 to everything: that is a network without our server, not a refusal. */
export function strangeAnswer(cause?: unknown): RemoteError {
  return new RemoteError("network", "What answers at this url is not a federated-memory server", { cause });
}

function wordsFor({ status, headers }: Response): string {
  if (isRedirect(status))
    return `The server sends this program to another address (${status})${originOf(headers.get("location"))}; set that as its url`;
  if (status === 401) return "The server does not accept the token";
  return `The server answered ${status}`;
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Where a redirect leads, without path and query: those may hold secrets. */
function originOf(location: string | null): string {
  return location !== null && URL.canParse(location) ? `: ${new URL(location).origin}` : "";
}
