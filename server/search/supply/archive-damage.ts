import type { Archive } from "../../sessions/session.ts";

/** Knows which archives cannot be read, and learns of others; `SessionStore` does. */
export interface ArchiveDamage {
  /** Archives that a workspace has and that cannot be searched. */
  damaged(workspaceId: string): Promise<readonly Archive[]>;
  /** This one could not be read. Answers at once. */
  suspect(archive: Archive): void;
}
