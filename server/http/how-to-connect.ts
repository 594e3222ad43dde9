/** The sentence clients show to someone whose token is missing: how to configure it. */
export function howToConnect(publicUrl: string): string {
  const endpoint = `${publicUrl.replace(/\/$/, "")}/mcp`;
  return `This server uses a static bearer token: claude mcp add --transport http memory ${endpoint} --header "Authorization: Bearer TOKEN"`;
}
