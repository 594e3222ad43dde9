import type { Request, Response } from "express";
import { AppError } from "../../contract/errors.ts";
import type { Document } from "../access/workspace.ts";
import { entityTag, isNotModified } from "./conditional.ts";
import type { Answer } from "./route.ts";

const MARKDOWN = "text/markdown; charset=utf-8";

export const DOCUMENT_ANSWERS: Record<number, Answer> = {
  200: {
    description: "The text",
    mediaType: "text/markdown",
    headers: {
      ETag: "Digest of the content as it is stored",
      "Last-Modified": "When it was written",
      "X-Version": "Its version",
    },
  },
  304: { description: "If-None-Match names the current content" },
};

/** Answers GET or HEAD with a whole text. */
export function sendDocument(request: Request, response: Response, document: Document): void {
  response.setHeader("Last-Modified", document.modified.toUTCString());
  response.setHeader("X-Version", document.version);
  if (isNotModified(request, response, entityTag(document.sha256))) return;
  response.setHeader("Content-Type", MARKDOWN);
  response.setHeader("Content-Length", document.bytes.length);
  response.end(request.method === "HEAD" ? undefined : document.bytes);
}

/** Throws `invalid_input` for what is not UTF-8. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new AppError("invalid_input", "The body is not valid UTF-8", { cause: error });
  }
}
