/**
 * The environment of a test's own processes. Of this one's it holds where programs are, and where Node keeps what it has
 * compiled: that halves what a start costs.
 */
export function childEnv(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  return { PATH, NODE_COMPILE_CACHE, ...env };
}
