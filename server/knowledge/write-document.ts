import { AppError } from "../../contract/errors.ts";
import { assertNoCollision } from "./collision.ts";
import type { Place } from "./place.ts";
import { writeVersioned } from "./versioned-write.ts";

type Written = Awaited<ReturnType<typeof writeVersioned>>;

interface DocumentChange {
  now: Date;
  expectedSha256: string | undefined;
  /** Throws where one more document is one too many. */
  assertRoom: () => Promise<void>;
}

/** `writeVersioned` among other documents: throws `conflict` for a name that collides with another's, too. */
export async function writeDocument(
  root: string,
  place: Place,
  content: Buffer,
  { assertRoom, ...change }: DocumentChange,
): Promise<Written> {
  const assertFree = () => assertNoCollision(root, place.workspaceId, place.path);
  const beforeCreate = async () => {
    await assertFree();
    await assertRoom();
  };
  try {
    return await writeVersioned(place, content, { ...change, beforeCreate });
  } catch (error) {
    // A file where a folder is needed, or the reverse, is refused like a link; the caller can do more with a conflict.
    if (error instanceof AppError && error.code === "forbidden") await assertFree();
    throw error;
  }
}
