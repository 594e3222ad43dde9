/** The stored text in a tool's answer: what stands between the marks that the server put around it. */
export function storedTextIn(answer: string): string {
  const mark = /\n<<< (\S+)\n/.exec(answer)?.[1];
  const stored =
    mark === undefined ? undefined : answer.split(`\n<<< ${mark}\n`)[1]?.split(`\n>>> ${mark}`)[0];
  if (stored === undefined) throw new Error(`no stored text in the answer: ${answer.slice(0, 500)}`);
  return stored;
}
