import type { Trade } from "./usual-steps.ts";

/** Every project of the corpus, with what its people talk about. */
export const TRADES: Readonly<Record<string, Trade>> = {
  "shop-web": trade(
    "cart catalog checkout account banner gallery reviews wishlist",
    "storefront styleguide",
    "tsx",
  ),
  "shop-api": trade(
    "orders payments refunds customers stock shipping coupons invoices",
    "shop-api pricing importer",
    "ts",
  ),
  platform: trade(
    "runners ingress registry monitoring backups gateways images clusters",
    "builder vault gitea prometheus",
    "tf",
  ),
  etl: trade(
    "orders sessions revenue customers exports campaigns stock events",
    "warehouse loader scheduler",
    "py",
  ),
  research: trade("churn ranking features labels embeddings evaluation sampling", "trainer notebooks", "py"),
  ledger: trade(
    "bookings periods vouchers companies members reminders balances reports",
    "ledger auditor mailer",
    "py",
  ),
  fleet: trade(
    "vehicles trips routes drivers positions telemetry geofences shifts",
    "dispatcher tracker router",
    "go",
  ),
  "notes-app": trade(
    "editor folders attachments sharing search sync account widgets",
    "ios android desktop sync-server",
    "swift",
  ),
  gateway: trade(
    "meters inverters frames profiles updates radio sensors clock",
    "gatewayd updater bridge",
    "rs",
  ),
  mall: trade(
    "order stock coupon member payment cart promotion logistics",
    "order-service stock-service gateway",
    "java",
  ),
  "admin-web": trade("dashboard goods orders members reports uploads settings", "admin-web screen", "vue"),
};

/** The trade of a project. */
export function tradeOf(project: string): Trade {
  const known = TRADES[project];
  if (known === undefined) throw new Error(`nobody works on ${project}`);
  return known;
}

const CHINESE_PROJECTS: ReadonlySet<string> = new Set(["mall", "admin-web"]);

/** Usual things happen in the language of a project. */
export function isToldIn(storyId: string, project: string): boolean {
  return storyId.startsWith("d-zh-") === CHINESE_PROJECTS.has(project);
}

function trade(modules: string, services: string, ending: string): Trade {
  return { modules: modules.split(" "), services: services.split(" "), ending };
}
