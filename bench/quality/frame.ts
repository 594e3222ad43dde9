import type { Scene } from "../generate/scene.ts";

/** What the lines of one transcript share. */
export type Frame = Pick<Scene, "random" | "sessionId" | "cwd" | "now">;
