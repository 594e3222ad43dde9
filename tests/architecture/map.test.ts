import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

it("CONTRIBUTING.md says of every folder what is in it", () => {
  const folders = globSync(
    [
      "{server,client,proxy}/*/",
      "{contract,disk,memory-tool,proxy,deploy,bench,scripts,server_content,tests}/",
    ],
    {
      cwd: ROOT,
    },
  );
  const contributing = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8");

  const rows = contributing.split("\n").filter((row) => row.startsWith("| "));
  const missing = folders.filter(
    (folder) => !rows.some((row) => row.includes(`\`${folder.replace(/\/$/, "")}\``)),
  );

  expect(folders.length).toBeGreaterThan(25);
  expect(missing).toEqual([]);
});
