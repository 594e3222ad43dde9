import type { App } from "../app.ts";

/** Resolves when the app has drained after the first SIGTERM or SIGINT; a second one ends the process at once. */
export async function untilStopped(app: App): Promise<void> {
  await new Promise<void>((resolve) => {
    const stop = () => {
      process.once("SIGINT", () => process.exit(130));
      process.once("SIGTERM", () => process.exit(143));
      resolve();
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
  await app.close();
}
