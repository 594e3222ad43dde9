import { claudeHead, claudeLines } from "./claude-lines.ts";
import { codexHead, codexLines } from "./codex-lines.ts";
import type { Frame } from "./frame.ts";
import type { Said, Story } from "./story.ts";

interface TranscriptLine {
  line: string;
  /** What is said in it; nothing in what a client notes besides. */
  said: Said | undefined;
}

/** Lines of a transcript as its client writes them. */
export function transcriptLines(
  client: Story["client"],
  said: readonly Said[],
  frame: Frame,
): TranscriptLine[] {
  const [head, linesOf] = client === "codex" ? [codexHead, codexLines] : [claudeHead, claudeLines];
  const spoken = said.flatMap((each) =>
    linesOf(each, frame).map((line, index) => ({
      line: JSON.stringify(line),
      said: index === 0 ? each : undefined,
    })),
  );
  return [{ line: JSON.stringify(head(frame)), said: undefined }, ...spoken];
}
