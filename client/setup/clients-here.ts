import { existsSync } from "node:fs";
import type { Environment } from "../home/home.ts";
import { claudePlaces } from "./claude.ts";
import { codexPlaces } from "./codex.ts";
import { onPath } from "./on-path.ts";
import type { ClientName } from "./plan-install.ts";

/** The clients that this machine has: their settings are here, or their program is on PATH. */
export function clientsHere(environment: Environment): ClientName[] {
  const { folder, servers } = claudePlaces(environment);
  const places = { claude: [folder, servers], codex: [codexPlaces(environment).folder] };
  return (["claude", "codex"] as const).filter(
    (name) => places[name].some((path) => existsSync(path)) || onPath(environment.env, name) !== undefined,
  );
}
