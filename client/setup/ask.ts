import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { ReadStream, WriteStream } from "node:tty";
import { isSystemError } from "../../disk/errno.ts";

const [KEYBOARD, SCREEN] =
  process.platform === "win32" ? ["\\\\.\\CONIN$", "\\\\.\\CONOUT$"] : ["/dev/tty", "/dev/tty"];

/**
 * Asks the person at the terminal, whatever stdin and stdout are; `isSecret` answers are not shown. Undefined when there is
 * no terminal, or no answer.
 */
export async function ask(
  question: string,
  { isSecret = false }: { isSecret?: boolean } = {},
): Promise<string | undefined> {
  const terminal = openTerminal();
  if (terminal === undefined) return undefined;
  const { input, output } = terminal;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // Before anybody is asked: from here on the terminal itself shows nothing of what is typed.
  const reader = createInterface({ input, output: isSecret ? silent : output, terminal: true });
  output.write(question);
  try {
    const answer = await answerOf(reader);
    if (isSecret) output.write("\n");
    return answer?.trim();
  } finally {
    reader.close();
    input.destroy();
    output.destroy();
  }
}

function answerOf(reader: ReturnType<typeof createInterface>): Promise<string | undefined> {
  return new Promise((resolve) => {
    reader.once("line", resolve);
    reader.once("SIGINT", () => resolve(undefined));
    reader.once("close", () => resolve(undefined));
  });
}

function openTerminal(): { input: ReadStream; output: WriteStream } | undefined {
  try {
    const [from, to] = [openSync(KEYBOARD, "r"), openSync(SCREEN, "w")];
    try {
      return { input: new ReadStream(from), output: new WriteStream(to) };
    } catch (error) {
      for (const file of [from, to]) closeSync(file);
      throw error;
    }
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
