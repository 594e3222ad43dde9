import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { finished } from "../support/run-program.ts";
import { tool } from "../support/tool.ts";

const ROOT = join(import.meta.dirname, "../..");
const SHELLCHECK = tool("shellcheck", "shellcheck");
const SCRIPTS = [...globSync("{deploy,scripts}/**/*.sh", { cwd: ROOT }), ".ci/run"].sort();

describe("the scripts for people", () => {
  it.skipIf(SHELLCHECK === undefined)("have nothing that shellcheck finds", async () => {
    const args = ["-x", "-P", ROOT, ...SCRIPTS];

    const { code, stdout } = await finished(spawn(SHELLCHECK ?? "", args, { cwd: ROOT, stdio: "pipe" }));

    expect(SCRIPTS.length).toBeGreaterThan(8);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  });

  it.each(["install", "deploy", "uninstall", "release"])("can be run: %s.sh", async (name) => {
    const path = join(ROOT, "deploy", `${name}.sh`);

    const { mode } = await stat(path);
    const text = await readFile(path, "utf8");

    expect(mode & 0o111).toBe(0o111);
    expect(text).toMatch(/^#!\/usr\/bin\/env bash\n#[^\n]+\n[^]*\nset -euo pipefail\n/);
  });

  it.each(["install", "deploy", "uninstall"])("explain themselves: %s.sh --help", async (name) => {
    const script = join(ROOT, "deploy", `${name}.sh`);

    const help = await finished(spawn("bash", [script, "--help"], { stdio: "pipe" }));
    const wrong = await finished(spawn("bash", [script, "--no-such-option"], { stdio: "pipe" }));

    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(wrong).toMatchObject({ code: 2, stdout: "", stderr: help.stdout });
  });
});
