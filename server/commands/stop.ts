import type { App } from "../app.ts";

/** A launcher such as npm passes on the signal that its child has from the terminal already: within this time both are one. */
const SAME_SIGNAL_MS = 1000;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Resolves when the app has drained after the first SIGTERM or SIGINT; a later one ends the process at once. */
export async function untilStopped(app: App): Promise<void> {
  await firstSignal();
  await app.close();
}

async function firstSignal(): Promise<void> {
  let stoppedAt: number | undefined;
  await new Promise<void>((resolve) => {
    const stop = () => {
      const now = performance.now();
      stoppedAt ??= now;
      if (now - stoppedAt > SAME_SIGNAL_MS) process.exit(1);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
  });
}
