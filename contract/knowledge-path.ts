import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { pathFault } from "./path-fault.ts";

/** Relative path of a knowledge file, such as `auto/design.md`; stored in Unicode NFC. */
export const KnowledgePath = z
  .string()
  .max(4 * LIMITS.knowledge.pathBytes, { error: "path is too long" })
  .transform((path, context) => {
    const canonical = path.isWellFormed() ? path.normalize("NFC") : path;
    const fault = pathFault(canonical);
    if (fault !== undefined) context.addIssue({ code: "custom", message: `not a knowledge path: ${fault}` });
    return canonical;
  })
  .describe("Relative path of the file in the workspace's knowledge, for example auto/design.md");
