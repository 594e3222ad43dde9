import { AppError } from "../../../contract/errors.ts";

/** Throws `damaged` for a path that is not below the folder it is put into, whatever system that is on. */
export function assertPath(path: string): void {
  const names = path.split("/");
  const isSafe = names.every((name) => name !== "" && name !== "." && name !== ".." && !/[\0]/.test(name));
  const isOfWindows = process.platform === "win32" && /[\\:]/.test(path);
  if (!isSafe || isOfWindows)
    throw new AppError("damaged", `The backup names a file outside of itself: ${JSON.stringify(path)}`);
}
