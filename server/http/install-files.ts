import type { Request, RequestHandler, Response } from "express";
import { AppError } from "../../contract/errors.ts";
import type { ClientFiles, ProgramFile } from "../handing-out/client-files.ts";
import { entityTag, isNotModified } from "./conditional.ts";
import { publicUrlOf } from "./how-to-connect.ts";
import { assertMethod } from "./methods.ts";
import type { HttpParts } from "./parts.ts";
import { sendText } from "./send-text.ts";

/** A file as it is sent. */
interface Sent {
  type: string;
  /** Undefined when it was left out of this installation. */
  content(files: ClientFiles, url: string): Buffer | string | undefined;
}

/** The programs, each in one file that stays the same until another version is installed. */
const PROGRAMS: ReadonlyMap<string, (files: ClientFiles) => ProgramFile | undefined> = new Map([
  ["/memory-sync.mjs", (files: ClientFiles) => files],
  ["/memory-proxy.mjs", ({ proxy }: ClientFiles) => proxy],
]);

/** Our own program and nothing of what is stored, so no token is asked for: who fetches these has none yet. */
const FILES: ReadonlyMap<string, Sent> = new Map<string, Sent>([
  ["/install.sh", { type: "text/x-shellscript", content: (files, url) => files.script("install.sh", url) }],
  ["/install.ps1", { type: "text/plain", content: (files, url) => files.script("install.ps1", url) }],
  ...[...PROGRAMS].flatMap(([path, program]) => programRows(path, program)),
]);

const NOT_BUILT = "This server has no client to hand out: it is not built.";
const BUILD = "In the folder of the server: npm ci && npm run build, then start the server again";

/** Served in the place of the scripts while there is no client: whoever pastes the line sees why, which an error status hides. */
const WHY_NOT: ReadonlyMap<string, string> = new Map([
  ["/install.sh", `#!/usr/bin/env bash\necho '${NOT_BUILT} ${BUILD}' >&2\nexit 1\n`],
  ["/install.ps1", `throw '${NOT_BUILT} ${BUILD}'\n`],
]);

export const INSTALL_PATHS = [...FILES.keys()];

/**
 * Hands out the client and the scripts that install it. When the client was not built before the server started, the scripts
 * say so and the client is 404.
 */
export function installFiles({
  clientFiles,
  config,
}: Pick<HttpParts, "clientFiles" | "config">): RequestHandler {
  return (request, response) => {
    const { path } = request;
    response.locals.facts.route = path;
    assertMethod(request, "GET");
    const file = FILES.get(path);
    const url = publicUrlOf(request, config);
    const content = clientFiles === undefined ? WHY_NOT.get(path) : file?.content(clientFiles, url);
    if (file === undefined || content === undefined) throw notBuilt();
    const program = clientFiles === undefined ? undefined : PROGRAMS.get(path)?.(clientFiles);
    if (program !== undefined && isSame(request, response, program)) return;
    sendText(response, `${file.type}; charset=utf-8`, content);
  };
}

/** A program, and its digest as `sha256sum -c` reads it. */
function programRows(
  path: string,
  program: (files: ClientFiles) => ProgramFile | undefined,
): [path: string, sent: Sent][] {
  const line = ({ sha256 }: ProgramFile): string => `${sha256}  ${path.slice(1)}\n`;
  const digest = (found: ProgramFile | undefined) => (found === undefined ? undefined : line(found));
  return [
    [path, { type: "text/javascript", content: (files) => program(files)?.bundle }],
    [`${path}.sha256`, { type: "text/plain", content: (files) => digest(program(files)) }],
  ];
}

/** The bundle may be kept, if it is asked for again each time; the scripts name where they came from. */
function isSame(request: Request, response: Response, { sha256 }: ProgramFile): boolean {
  response.setHeader("Cache-Control", "no-cache");
  return isNotModified(request, response, entityTag(sha256));
}

function notBuilt(): AppError {
  return new AppError("not_found", NOT_BUILT, { hint: BUILD });
}
