import type { Request, Response } from "express";
import { AppError } from "../../contract/errors.ts";
import { HttpError } from "./http-error.ts";

const ANY_TAG = /(?:W\/)?"([^"]*)"/g;
const ONE_TAG = /^(?:W\/)?"([^"]+)"$/;

/** The entity tag of content with this digest. */
export function entityTag(sha256: string): string {
  return `"${sha256}"`;
}

/** Sets ETag; true, with 304 sent, when If-None-Match says that the caller has this content. RFC 9110, section 13.1.2. */
export function isNotModified(request: Request, response: Response, tag: string): boolean {
  response.setHeader("ETag", tag);
  const known = request.headers["if-none-match"];
  if (known === undefined) return false;
  const tags = [...known.matchAll(ANY_TAG)].map(([, opaque]) => `"${opaque}"`);
  if (known.trim() !== "*" && !tags.includes(tag)) return false;
  response.status(304).end();
  return true;
}

/**
 * The digest a write expects to replace: If-Match names it; `If-None-Match: *` means "" (there must be nothing);
 * neither means whatever is there. A tag of others matches nothing. A weak tag is taken too: proxies that compress weaken tags, and a digest stays exact.
 */
export function expectedDigest(request: Request): string | undefined {
  const { "if-match": match, "if-none-match": noneMatch } = request.headers;
  if (match === undefined && noneMatch === undefined) return undefined;
  if (match === undefined && noneMatch?.trim() === "*") return "";
  const [, digest] = ONE_TAG.exec(match?.trim() ?? "") ?? [];
  if (digest !== undefined && noneMatch === undefined) return digest;
  throw new AppError(
    "invalid_input",
    "If-Match takes the one ETag the content had; If-None-Match of a write takes *",
  );
}

/** Runs a write; a conflict that its precondition asked for is 412, with the same body as any conflict. */
export async function withPrecondition<T>(expected: string | undefined, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (expected === undefined || !(error instanceof AppError) || !isFailedPrecondition(error)) throw error;
    const { code, message, hint, details } = error;
    throw new HttpError(412, code, message, {
      cause: error,
      ...(hint !== undefined && { hint }),
      ...(details && { details }),
    });
  }
}

/** Other conflicts (a name that collides with another file's) have nothing to do with the digest. */
function isFailedPrecondition({ code, details }: AppError): boolean {
  return code === "conflict" && details !== undefined && "current_sha256" in details;
}
