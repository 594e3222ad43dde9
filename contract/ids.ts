import * as z from "zod";
import { LIMITS } from "./limits.ts";
import { byteLength, slugify } from "./names.ts";
import { maskSecrets } from "./secrets.ts";

const WORKSPACE_ID =
  /^[[\p{L}\p{M}\p{N}]--\p{Default_Ignorable_Code_Point}]+(-[[\p{L}\p{M}\p{N}]--\p{Default_Ignorable_Code_Point}]+)+$/v;
/** Three slugs, two joints, and the `-xxxxxx` of a collision. */
const WORKSPACE_ID_BYTES = 3 * LIMITS.slug.bytes + 2 + 7;

/** `laptop-claude-code-webshop`: the slugs of machine, tool and project, joined by `-`. */
export const WorkspaceId = z
  .string()
  .refine((id) => id.length <= WORKSPACE_ID_BYTES && byteLength(id) <= WORKSPACE_ID_BYTES, {
    error: "a workspace id is at most 201 bytes",
  })
  .refine((id) => WORKSPACE_ID.test(id) && id === id.normalize("NFC").toLowerCase().normalize("NFC"), {
    error: 'not a workspace id: it looks like "laptop-claude-code-webshop"; list_workspaces shows them',
  })
  .describe('Workspace id, for example "laptop-claude-code-webshop"');
export type WorkspaceId = z.infer<typeof WorkspaceId>;

const SESSION_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/;

/** Archives name their revisions `….r2`; an id must not look like one. */
const REVISION_LIKE = /\.r\d+$/;

/** The client's own id of a conversation; a subagent's is `<parent id>.agent-<agent id>`. ASCII letters, digits, `.`, `_`, `-`. */
export const SessionId = z
  .string()
  .max(LIMITS.sessions.idBytes, { error: "a session id is at most 128 characters" })
  .refine((id) => SESSION_ID.test(id) && !id.includes("..") && !REVISION_LIKE.test(id), {
    error: "not a session id: letters, digits, '.', '_' and '-' only, beginning with a letter or digit",
  })
  .refine((id) => maskSecrets(id) === id, { error: "not a session id: it holds a secret of this product" })
  .describe("Session id, as list_sessions shows it");
export type SessionId = z.infer<typeof SessionId>;

/** SHA-256 in lower-case hexadecimal. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, { error: "not a SHA-256: 64 lower-case hexadecimal digits" })
  .describe("SHA-256 of the raw bytes, 64 lower-case hexadecimal digits");

/** A machine, tool or project name, in whatever spelling; only its slug counts. */
export const NamePart = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => name.isWellFormed() && slugify(name) !== "", {
    error: "a name needs at least one letter or digit",
  });
