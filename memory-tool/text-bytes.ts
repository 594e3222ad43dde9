import { isUtf8 } from "node:buffer";
import { AppError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import { TEXTS } from "./texts.ts";

/** The text that a file holds, with every byte of it; undefined when it is not UTF-8 or holds NUL. */
export function textOf(bytes: Buffer): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : undefined;
}

/** The bytes of a text that is to be a file. Throws `invalid_input` and `too_large`. */
export function bytesOf(text: string): Buffer {
  if (!text.isWellFormed() || text.includes("\0")) throw new AppError("invalid_input", TEXTS.notText);
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > LIMITS.knowledge.fileBytes)
    throw new AppError("too_large", TEXTS.tooLarge(bytes.length), { hint: "Divide it among several files" });
  return bytes;
}
