import { join } from "node:path";

/** `memory-sync` as it is installed: one file, made by `make build`. */
export const CLIENT = join(import.meta.dirname, "../../dist/memory-sync.mjs");
