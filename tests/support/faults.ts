import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { callbackify, promisify } from "node:util";

/** What happens instead of one file-system call. */
type Fault = "kill" | "EIO" | "ENOSPC" | "EEXIST" | "EROFS" | "EPERM";

type Call = (...input: unknown[]) => unknown;

/** Calls that change what is on the disk; `open` does when it may create. */
const CHANGES = ["open", "link", "rename", "unlink", "mkdir", "rmdir", "copyFile"];
const HANDLE_CHANGES = ["write", "sync", "utimes"];
const LOOKS = ["lstat", "readdir", "statfs"];
const HANDLE_LOOKS = ["stat", "read", "readFile"];
/** Of folders, which are held by their descriptors: calls that tell a callback how they ended. */
const DESCRIPTOR_CALLS = ["open", "fsync"];

/**
 * From now until disposed, the `at`-th file-system call of this process (counted from 1) does not happen: the process
 * dies by SIGKILL, or the call fails. Deaths are counted by the calls that change the disk, failures by all; or only
 * calls of the name `only` are counted.
 * `reached` tells whether there were so many calls.
 */
export async function failAt(
  at: number,
  fault: Fault,
  only?: string,
): Promise<{ reached: boolean } & Disposable> {
  const state = { reached: false };
  const isKill = fault === "kill";
  let calls = 0;
  const wrap = (name: string, call: Call): Call =>
    async function (this: unknown, ...input) {
      const isCounted = only === undefined || name === only;
      const counts = isCounted && (!(isKill && name === "open") || mayCreate(input));
      if (counts) calls += 1;
      if (!counts || calls !== at) return Reflect.apply(call, this, input);
      state.reached = true;
      if (isKill) process.kill(process.pid, "SIGKILL");
      throw Object.assign(new Error(`injected ${fault}`), { code: fault });
    };
  const handles = await handlePrototype();
  const restore = [
    ...patch(fs.promises, isKill ? CHANGES : [...CHANGES, ...LOOKS], wrap),
    ...patch(handles, isKill ? HANDLE_CHANGES : [...HANDLE_CHANGES, ...HANDLE_LOOKS], wrap),
    ...patch(fs, DESCRIPTOR_CALLS, (name, call) => withCallback(wrap(name, promisify(call)))),
  ];
  syncBuiltinESMExports();
  return Object.assign(state, {
    [Symbol.dispose]() {
      for (const undo of restore) undo();
      syncBuiltinESMExports();
    },
  });
}

function patch(
  target: object,
  names: readonly string[],
  wrap: (name: string, call: Call) => Call,
): (() => void)[] {
  return names.map((name) => {
    const original: unknown = Reflect.get(target, name);
    if (!isCall(original)) throw new Error(`no call ${name}`);
    Reflect.set(target, name, wrap(name, original));
    return () => void Reflect.set(target, name, original);
  });
}

/** The call in the form in which it takes a callback, its last argument. */
function withCallback(call: Call): Call {
  return (...input) => {
    const done = input.pop();
    if (!isCall(done)) throw new Error("the last argument is no callback");
    callbackify(async () => call(...input))(done);
  };
}

function isCall(value: unknown): value is Call {
  return typeof value === "function";
}

function mayCreate([, flags]: unknown[]): boolean {
  return typeof flags === "number" ? (flags & fs.constants.O_CREAT) !== 0 : flags === "w";
}

async function handlePrototype(): Promise<object> {
  await using handle = await fs.promises.open(import.meta.filename);
  const prototype: unknown = Object.getPrototypeOf(handle);
  if (typeof prototype !== "object" || prototype === null) throw new Error("a handle has a prototype");
  return prototype;
}
