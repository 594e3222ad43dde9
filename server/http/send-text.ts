import type { Response } from "express";

/** Sends a whole text, or bytes, under exactly this type. As bytes: of a text Express would rewrite the type. */
export function sendText(response: Response, type: string, text: string | Buffer): void {
  response.set("Content-Type", type).send(Buffer.from(text));
}
