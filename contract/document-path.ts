import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { documentFault, isMemory } from "./memory-prefix.ts";

/** Path of a document: a knowledge file, such as `auto/design.md`, or a memory, such as `/memories/notes.md`; in Unicode NFC. */
export const DocumentPath = z
  .string()
  .max(4 * LIMITS.knowledge.pathBytes, { error: "path is too long" })
  .transform((path, context) => {
    const canonical = path.isWellFormed() ? path.normalize("NFC") : path;
    const fault = documentFault(canonical);
    const kind = isMemory(canonical) ? "the path of a memory" : "a knowledge path";
    if (fault !== undefined) context.addIssue({ code: "custom", message: `not ${kind}: ${fault}` });
    return canonical;
  })
  .describe(
    "Relative path of the file in the workspace's knowledge, for example auto/design.md; the path of a memory begins with /memories/",
  );
