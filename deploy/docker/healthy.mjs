// Whether the server of this container is ready: the exit code is 0 or 1. For HEALTHCHECK, and for the build of the image.
const { PORT = "8000" } = process.env;

try {
  const { ok } = await fetch(`http://127.0.0.1:${PORT}/readyz`, { signal: AbortSignal.timeout(4000) });
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
