/** Words that people also write short: by which letters the long ones begin. */
const LONG_FORMS = {
  admin: ["administrat"],
  app: ["application"],
  arg: ["argument"],
  async: ["asynchron"],
  auth: ["authentica", "authoriz", "authoris"],
  cert: ["certificat"],
  config: ["configur"],
  cred: ["credential"],
  dep: ["dependenc"],
  dev: ["development"],
  dir: ["directory", "directories"],
  doc: ["document"],
  env: ["environment"],
  impl: ["implement"],
  info: ["information"],
  init: ["initializ", "initialis"],
  kube: ["kubernetes"],
  lib: ["librar"],
  max: ["maximum"],
  min: ["minimum"],
  param: ["parameter"],
  perf: ["performance"],
  perm: ["permission"],
  postgres: ["postgres"],
  prod: ["production"],
  ref: ["reference"],
  repo: ["repositor"],
  spec: ["specification"],
  stat: ["statistic"],
  sync: ["synchroni"],
  temp: ["temporar"],
  util: ["utilit"],
  var: ["variable"],
} as const;

const BEGINNINGS = Object.entries(LONG_FORMS).flatMap(([short, beginnings]) =>
  beginnings.map((beginning) => ({ short, beginning })),
);

/** What people write for this word when they are in a hurry: always a beginning of it. Undefined for most words. */
export function shortForm(word: string): string | undefined {
  return BEGINNINGS.find(({ beginning }) => word.startsWith(beginning))?.short;
}
