import type { Request, RequestHandler, Response } from "express";
import { AppError } from "../../contract/errors.ts";
import type { ClientFiles } from "../handing-out/client-files.ts";
import { entityTag, isNotModified } from "./conditional.ts";
import { publicUrlOf } from "./how-to-connect.ts";
import { assertMethod } from "./methods.ts";
import type { HttpParts } from "./parts.ts";
import { sendText } from "./send-text.ts";

/** A file as it is sent. */
interface Sent {
  type: string;
  content(files: ClientFiles, url: string): Buffer | string;
}

const BUNDLE = "/memory-sync.mjs";

/** Our own program and nothing of what is stored, so no token is asked for: who fetches these has none yet. */
const FILES: ReadonlyMap<string, Sent> = new Map<string, Sent>([
  ["/install.sh", { type: "text/x-shellscript", content: (files, url) => files.script("install.sh", url) }],
  ["/install.ps1", { type: "text/plain", content: (files, url) => files.script("install.ps1", url) }],
  [BUNDLE, { type: "text/javascript", content: ({ bundle }) => bundle }],
  [`${BUNDLE}.sha256`, { type: "text/plain", content: ({ sha256 }) => `${sha256}  ${BUNDLE.slice(1)}\n` }],
]);

export const INSTALL_PATHS = [...FILES.keys()];

/** Hands out the client and the scripts that install it; 404 when the client was not built before the server started. */
export function installFiles({
  clientFiles,
  config,
}: Pick<HttpParts, "clientFiles" | "config">): RequestHandler {
  return (request, response) => {
    const { path } = request;
    response.locals.facts.route = path;
    assertMethod(request, "GET");
    const file = FILES.get(path);
    if (clientFiles === undefined || file === undefined) throw notBuilt();
    const content = file.content(clientFiles, publicUrlOf(request, config));
    if (path === BUNDLE && isSame(request, response, clientFiles)) return;
    sendText(response, `${file.type}; charset=utf-8`, content);
  };
}

/** The bundle may be kept, if it is asked for again each time; the scripts name where they came from. */
function isSame(request: Request, response: Response, { sha256 }: ClientFiles): boolean {
  response.setHeader("Cache-Control", "no-cache");
  return isNotModified(request, response, entityTag(sha256));
}

function notBuilt(): AppError {
  return new AppError("not_found", "The client is not built, so this server cannot hand it out", {
    hint: "In the server's folder: npm run build, then start the server again",
  });
}
