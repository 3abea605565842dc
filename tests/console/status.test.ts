/** The status page. Responses are scripted. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusResponseSchema, type StatusResponse } from "#contract/api/status.ts";
import { startScriptedConsole, type ScriptedConsole } from "../support/scripted-console.ts";
import { createReadScript } from "../support/scripted-responses.ts";

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

const createRelay = (): NonNullable<StatusResponse["relays"]>[number] => ({
  id: "0a1b2c3d4e5f",
  status: "ok",
  problems: [],
  oldestUnacknowledgedMs: 40,
  heldMessages: 12,
  brokerStoredBytes: 2_500_000,
  brokerQueueBytes: 536_870_912,
  brokerDroppedMessages: 0,
  lostSessions: 0,
  sessions: 6,
  readySessions: 6,
  slowSessions: 0,
  certificateDays: 301.4,
  reportedAt: ago(20_000),
});

const createHealthy = (): StatusResponse => ({
  checkedAt: ago(1_000),
  health: { status: "ok", opensearch: "up", cluster: "green", checkedAt: ago(1_000), problems: [] },
  store: {
    indices: 48,
    bytes: 212e9,
    documents: 1_204_331_020,
    bytesPerDay: 9.4e9,
    disks: [{ usedBytes: 610e9, totalBytes: 1_000e9 }],
    diskDaysLeft: 36.2,
  },
  relays: [createRelay()],
  today: {
    countedAt: ago(31_000),
    events: 18_204_112,
    bytes: 9.1e9,
    rejectedBytes: 2e5,
    rejected: 321,
    overQuota: 0,
    apps: [
      {
        app: "shop",
        events: 12_000_000,
        bytes: 4.1e9,
        rejectedBytes: 2e5,
        rejected: 300,
        overQuota: 0,
        bytesPerDay: 5e9,
      },
      { app: "blog", events: 6_204_112, bytes: 5e9, rejectedBytes: 0, rejected: 21, overQuota: 0 },
    ],
    rejectedByReason: { invalid_json: 300, too_long: 21 },
  },
  retention: {
    holds: [{ app: "shop", since: ago(9e8), note: "case 12" }],
    last: {
      at: ago(3_600_000),
      deletions: [{ index: "logs-30d-2026.10.30", reason: "expired", documents: 31_002_100, bytes: 6e9 }],
    },
  },
});

const createBroken = (): StatusResponse => {
  const healthy = createHealthy();
  return {
    ...healthy,
    health: {
      ...healthy.health,
      status: "down",
      cluster: "red",
      problems: [
        {
          code: "disk_full",
          message:
            "A disk of OpenSearch is full (flood stage), and logs-30d-2026.11.29 is read-only. Its logs are not stored.",
          indices: ["logs-30d-2026.11.29", "rejected-2026.11.29"],
        },
      ],
    },
    store: {
      ...(healthy.store as NonNullable<StatusResponse["store"]>),
      disks: [{ usedBytes: 960e9, totalBytes: 1_000e9 }],
      diskDaysLeft: 0,
    },
    relays: [
      {
        ...createRelay(),
        status: "stalled",
        problems: ["stalled", "messages_dropped", "certificate_expires"],
        oldestUnacknowledgedMs: 1_320_000,
        brokerStoredBytes: 530e6,
        brokerDroppedMessages: 4_120,
        certificateDays: 5.2,
        lastFailure: { failure: "unavailable", app: "shop", at: ago(4_000) },
      },
      { ...createRelay(), id: "ffffffffffff", reportedAt: ago(900_000) },
    ],
    today: { ...(healthy.today as NonNullable<StatusResponse["today"]>), countedAt: ago(1_800_000) },
  };
};

let scripted: ScriptedConsole;
beforeAll(async () => {
  scripted = await startScriptedConsole();
});
afterAll(() => scripted?.[Symbol.asyncDispose]());

const withPage = async (
  response: { readonly status?: number; readonly body: unknown },
  check: (page: Page) => Promise<void>,
  canMonitor = true,
): Promise<void> => {
  scripted.script = {
    ...createReadScript(),
    "/reader": () => ({ body: { apps: [], canAlert: false, ...(canMonitor ? { canMonitor } : {}) } }),
    "/status": () => response,
  };
  const page = await scripted.open("?view=status");
  try {
    await check(page);
  } finally {
    await page.close();
  }
};

const readTile = async (page: Page, label: string): Promise<readonly [value: string, tone: string | null]> => {
  const tile = page.locator(".tile", { hasText: label });
  return [await tile.locator(".tile-value").innerText(), await tile.getAttribute("data-tone")];
};

describe("the status page", () => {
  it("shows lag, backlog, losses, quota, and the days of certificate and disk", async () => {
    expect(statusResponseSchema.parse(createHealthy())).toBeDefined();
    await withPage({ body: createHealthy() }, async (page) => {
      await page.getByText("No problems found.").waitFor();
      expect(await readTile(page, "Deployment")).toEqual(["OK", null]);
      expect(await readTile(page, "Lag")).toEqual(["40 ms", null]);
      expect(await readTile(page, "Backlog")).toEqual(["2.5 MB", null]);
      expect(await readTile(page, "Dropped")).toEqual(["0", null]);
      expect(await readTile(page, "Disk full in")).toEqual(["36 d", null]);
      expect(await readTile(page, "Certificate")).toEqual(["301 d", null]);
      expect(await page.getByRole("meter").getAttribute("aria-valuenow")).toBe("82");
      expect(await page.locator(".panel", { hasText: "Retention" }).innerText()).toContain("On hold: shop");
    });
  });

  it("marks the lost messages if the Worker refused some", async () => {
    const healthy = createHealthy();
    const relays = healthy.relays?.map((relay) => ({ ...relay, problems: ["messages_refused"] }));
    await withPage({ body: { ...healthy, relays } }, async (page) => {
      expect(await readTile(page, "Dropped")).toEqual(["0", "error"]);
      expect(await page.locator(".tile", { hasText: "Dropped" }).innerText()).toContain("the Worker refused messages");
    });
  });

  it("does not count the broker's own messages as a backlog", async () => {
    const healthy = createHealthy();
    const relays = healthy.relays?.map((relay) => ({ ...relay, brokerStoredBytes: 211 }));
    await withPage({ body: { ...healthy, relays } }, async (page) => {
      expect(await readTile(page, "Backlog")).toEqual(["< 1 kB", null]);
    });
  });

  it("claims nothing about the broker when no relay has reported, and shows long times without their days", async () => {
    const { relays: _, store, ...rest } = createHealthy();
    const body = { ...rest, relays: [], store: { ...store, diskDaysLeft: 622_162 } };
    await withPage({ body }, async (page) => {
      expect(await readTile(page, "Disk full in")).toEqual(["over a year", null]);
      expect(await page.locator(".tile", { hasText: "Certificate" }).innerText()).toContain("not reported");
    });
  });

  it("names each problem, and marks the values that cause it", async () => {
    await withPage({ body: createBroken() }, async (page) => {
      await page.getByText("disk_full").waitFor();
      for (const label of ["Deployment", "Lag", "Backlog", "Dropped", "Disk full in"]) {
        expect((await readTile(page, label))[1]).toBe("error");
      }
      expect(await readTile(page, "Certificate")).toEqual(["5 d", "warn"]);
      const text = await page.locator("main").innerText();
      expect(text).toContain("messages dropped");
      expect(text).toContain("not reporting");
      expect(text).toContain("unavailable (shop)");
      expect(text).toContain("have not run for 10 minutes");
    });
  });

  it("shows the health alone while OpenSearch is unavailable", async () => {
    const { checkedAt, health } = createBroken();
    await withPage({ body: { checkedAt, health } }, async (page) => {
      await page.getByText("disk_full").waitFor();
      expect(await readTile(page, "Lag")).toEqual(["–", null]);
      expect(await page.locator("main").innerText()).toContain(
        "Not available: the reports are in OpenSearch, which does not respond.",
      );
    });
  });

  it("has a link for tokens with the right, and explains a missing right", async () => {
    const link = (page: Page) => page.getByRole("navigation").getByRole("link", { name: "Status" });
    await withPage({ body: createHealthy() }, async (page) => {
      await link(page).waitFor();
      expect(await link(page).getAttribute("aria-current")).toBe("page");
    });
    const detail = "This token may not see the state of the deployment. Create one with `npm run reader`.";
    await withPage(
      { status: 403, body: { title: "Forbidden", status: 403, reason: "read_only", detail } },
      async (page) => {
        await page.getByText("This token may not see the state of the deployment.").waitFor();
        expect(await page.locator(".banner code").allInnerTexts()).toEqual(["npm run reader"]);
        expect(await link(page).count()).toBe(0);
      },
      false,
    );
  });

  it.each([
    ["light", 1_280],
    ["dark", 1_280],
    ["light", 390],
    ["dark", 390],
  ] as const)("fits into the page: %s, %i px", async (colorScheme, width) => {
    await withPage({ body: createBroken() }, async (page) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.getByText("disk_full").waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      const dir = process.env["EDGELOG_SCREENSHOTS"];
      if (dir !== undefined)
        await page.screenshot({ path: `${dir}/status-${colorScheme}-${width}.png`, fullPage: true });
    });
  });
});
