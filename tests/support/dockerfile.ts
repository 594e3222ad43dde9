/** One instruction of a Dockerfile: `RUN`, and all that stands behind it on one line. */
export interface Instruction {
  name: string;
  rest: string;
}

/** The instructions of each stage, each beginning with its FROM. Comments go, continued lines become one. */
export function stagesOf(dockerfile: string): Instruction[][] {
  const stages: Instruction[][] = [];
  const lines = dockerfile.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "");
  for (const line of lines.split("\n").filter((text) => text !== "")) {
    const [, name = "", rest = ""] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`not an instruction: ${line}`);
    if (name === "FROM") stages.push([]);
    stages.at(-1)?.push({ name, rest });
  }
  return stages;
}

/** Whether a build sees a file: the last line of the ignore file that matches it or a folder above it decides. */
export function isSeen(ignore: string, path: string): boolean {
  let seen = true;
  for (const line of ignore.split("\n").filter((text) => text !== "" && !text.startsWith("#"))) {
    const isException = line.startsWith("!");
    if (patternOf(isException ? line.slice(1) : line).test(path)) seen = isException;
  }
  return seen;
}

function patternOf(line: string): RegExp {
  const literal = line.replaceAll(".", String.raw`\.`);
  const pattern = literal.replaceAll(/(\*\*\/)|\*/g, (_, folders?: string) =>
    folders ? "(?:.*/)?" : "[^/]*",
  );
  return new RegExp(`^${pattern}(?:/|$)`);
}
