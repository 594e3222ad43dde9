/** One word for `sh`. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * One argument of a Windows command line, as `CommandLineToArgvW` and the C runtime read it: only backslashes that
 * stand before a quote are doubled.
 */
export function windowsArgument(text: string): string {
  return `"${text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
}

/** What stands between the quotes of `set "NAME=…"` or of a program's path in a batch file. */
export function batchText(text: string): string {
  return text.replaceAll("%", "%%");
}

/** One argument in `ExecStart=` of a systemd unit (systemd.service(5), "Command lines"). */
export function systemdWord(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/** Text in XML, of an element or of an attribute. */
export function xmlText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A command in a crontab, where `%` would begin its input (crontab(5)). */
export function crontabText(command: string): string {
  return command.replaceAll("%", "\\%");
}
