import { readConfig } from "../config.ts";
import { createLog } from "../observe/log.ts";
import { openApp } from "../app.ts";
import { untilStopped } from "./stop.ts";

/** Serves until SIGTERM or SIGINT, then drains. `dev` allows well-known tokens on loopback. */
export async function serve(options: { dev: boolean }): Promise<void> {
  const config = readConfig(options);
  const log = createLog({ level: config.logLevel });
  const app = await openApp(config, log);
  log.info({ url: app.url }, "listening");
  await untilStopped(app);
}
