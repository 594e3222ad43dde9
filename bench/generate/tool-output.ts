import type { Scene } from "./scene.ts";

/** A call of a tool and what came back, before either client wrote it down in its own way. */
export interface ToolRun {
  kind: "read" | "shell" | "edit";
  /** The file that was read or edited, or the command. */
  subject: string;
  output: string;
}

/** One of the things that a model does with tools. `planted` is put into the output. */
export function toolRun({ random, writer }: Scene, planted: string | undefined): ToolRun {
  const extra = planted === undefined ? [] : [planted];
  const rolled = random.next();
  if (rolled < 0.4)
    return {
      kind: "read",
      subject: writer.path(),
      output: [numbered(writer.code(10 + random.integer(70))), ...extra].join("\n"),
    };
  if (rolled < 0.8)
    return {
      kind: "shell",
      subject: `npx vitest run ${writer.path()}`,
      output: [...shellLines({ random, writer }), ...extra].join("\n"),
    };
  return {
    kind: "edit",
    subject: writer.path(),
    output: [writer.code(5 + random.integer(20)), ...extra].join("\n"),
  };
}

function numbered(code: string): string {
  return code
    .split("\n")
    .map((line, index) => `${String(index + 1).padStart(6)}\t${line}`)
    .join("\n");
}

function shellLines({ random, writer }: Pick<Scene, "random" | "writer">): string[] {
  return Array.from({ length: 5 + random.integer(30) }, () =>
    random.chance(0.7)
      ? ` ✓ ${writer.path()} > ${writer.word()} ${writer.word()} ${random.integer(900)}ms`
      : `Error: ${writer.sentence()}\n    at ${writer.word()} (${writer.path()}:${random.integer(400)}:${random.integer(80)})`,
  );
}
