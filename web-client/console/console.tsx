/** Top bar with navigation and sign-out, and below it the current page. */
import type { ComponentType, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { address, type View } from "./address.ts";
import { offeredToken, readerToken, signOut } from "./api/reader-token.ts";
import { ErrorsPage } from "./errors/errors-page.tsx";
import { cancelExport } from "./export/run-export.ts";
import { LogsPage } from "./logs/logs-page.tsx";
import { clearSelection } from "./logs/selection.ts";
import { OverviewPage } from "./overview/overview-page.tsx";
import { createLazyPage } from "./components/lazy-page.tsx";
import { Link } from "./components/link.tsx";
import { useReader } from "./lib/use-reader.ts";
import { SignIn } from "./sign-in.tsx";
import { SwitchToken } from "./switch-token.tsx";

const PAGES: Readonly<Record<View, ComponentType>> = {
  logs: LogsPage,
  overview: OverviewPage,
  errors: ErrorsPage,
  app: createLazyPage(async () => (await import("./app/app-page.tsx")).AppPage),
  session: createLazyPage(async () => (await import("./session/session-page.tsx")).SessionPage),
  rejected: createLazyPage(async () => (await import("./rejected/rejected-page.tsx")).RejectedPage),
  alerts: createLazyPage(async () => (await import("./alerts/alerts-page.tsx")).AlertsPage),
  status: createLazyPage(async () => (await import("./status/status-page.tsx")).StatusPage),
};

const TITLES: Readonly<Record<View, string>> = {
  logs: "Logs",
  overview: "Overview",
  errors: "Errors",
  app: "App",
  session: "Session",
  rejected: "Rejected",
  alerts: "Alerts",
  status: "Status",
};

/** Views with a link in the top bar. The others need an app or a session and are opened from links in other views. */
const NAVIGATION_VIEWS = ["logs", "overview", "errors", "rejected", "alerts"] as const;

/** On a phone the navigation scrolls: brings the link of the current page into view. */
const showCurrentLink = (nav: ParentNode | null): void =>
  nav?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

/** For tokens that may see the state of the deployment. It appears when the rights of the token are known. */
const StatusLink = ({ isCurrent }: { readonly isCurrent: boolean }): JSX.Element | null => {
  const isShown = useReader()?.canMonitor === true;
  useEffect(() => {
    if (isShown && isCurrent) showCurrentLink(document);
  }, [isShown, isCurrent]);
  return isShown ? (
    <Link to={{ view: "status" }} isCurrent={isCurrent}>
      {TITLES.status}
    </Link>
  ) : null;
};

export const Console = (): JSX.Element => {
  const token = readerToken.value;
  const isSignedIn = token !== undefined;
  const { view } = address.value;
  const Page = PAGES[view];
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${TITLES[view]} · edgelog`;
    showCurrentLink(nav.current);
  }, [view]);
  // State outside of the page. A layout effect clears it before the page of the next token is painted.
  useLayoutEffect(
    () => () => {
      clearSelection();
      cancelExport();
    },
    [token],
  );
  return (
    <>
      <header class="topbar">
        <a class="brand" href="/">
          <img src="/favicon.svg" alt="" />
          edgelog
        </a>
        <nav aria-label="Pages" ref={nav}>
          {NAVIGATION_VIEWS.map((name) => (
            <Link key={name} to={{ view: name }} isCurrent={name === view}>
              {TITLES[name]}
            </Link>
          ))}
          {isSignedIn && <StatusLink key={token} isCurrent={view === "status"} />}
        </nav>
        <span class="spacer" />
        {isSignedIn && (
          <button class="button small" type="button" onClick={() => signOut()}>
            Sign out
          </button>
        )}
      </header>
      {/* Another token gets a new page, which shows nothing that was loaded with the previous one. */}
      <main>{isSignedIn ? <Page key={token} /> : <SignIn />}</main>
      {isSignedIn && offeredToken.value !== undefined && <SwitchToken current={token} offered={offeredToken.value} />}
    </>
  );
};
