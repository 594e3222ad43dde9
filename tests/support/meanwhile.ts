import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

type Call = (...input: unknown[]) => Promise<unknown>;

/** Until disposed: just before this process' `at`-th call of a promise function of `node:fs`, somebody else does `work`. */
export function meanwhile(
  { name, at }: { name: "link" | "rename" | "unlink"; at: number },
  work: () => Promise<unknown>,
): { reached: boolean } & Disposable {
  const original: unknown = Reflect.get(fs.promises, name);
  if (!isCall(original)) throw new Error(`no call ${name}`);
  const state = { reached: false };
  let calls = 0;
  set(name, async (...input) => {
    calls += 1;
    if (calls === at) {
      state.reached = true;
      await work();
    }
    return original(...input);
  });
  return Object.assign(state, { [Symbol.dispose]: () => set(name, original) });
}

function set(name: string, call: Call): void {
  Reflect.set(fs.promises, name, call);
  syncBuiltinESMExports();
}

function isCall(value: unknown): value is Call {
  return typeof value === "function";
}
