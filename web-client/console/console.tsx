/** The frame around the console's pages: where one is, what is filtered, and who is signed in. */
import type { ComponentType, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { address, type View } from "./address.ts";
import { readerToken, signOut } from "./api/reader-token.ts";
import { AlertsPage } from "./alerts/alerts-page.tsx";
import { AppPage } from "./app/app-page.tsx";
import { ErrorsPage } from "./errors/errors-page.tsx";
import { LogsPage } from "./logs/logs-page.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import { Link } from "./components/link.tsx";
import { RejectedPage } from "./rejected/rejected-page.tsx";
import { SessionPage } from "./session/session-page.tsx";
import { SignIn } from "./sign-in.tsx";

const PAGES: Readonly<Record<View, ComponentType>> = {
  logs: LogsPage,
  overview: OverviewPage,
  errors: ErrorsPage,
  app: AppPage,
  session: SessionPage,
  rejected: RejectedPage,
  alerts: AlertsPage,
};

const TITLES: Readonly<Record<View, string>> = {
  logs: "Logs",
  overview: "Overview",
  errors: "Errors",
  app: "App",
  session: "Session",
  rejected: "Rejected",
  alerts: "Alerts",
};

/** Views that need nothing chosen before. */
const IN_NAVIGATION = ["logs", "overview", "errors", "rejected", "alerts"] as const;

export const Console = (): JSX.Element => {
  const isSignedIn = readerToken.value !== undefined;
  const { view } = address.value;
  const Page = PAGES[view];
  const nav = useRef<HTMLElement>(null);
  // Tabs, bookmarks and what Back lists are told apart by it.
  useEffect(() => {
    document.title = `${TITLES[view]} · Edgelog`;
    // On a phone there is no room for all of them.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [view]);
  return (
    <>
      <header class="topbar">
        <a class="brand" href="/">
          <img src="/favicon.svg" alt="" />
          Edgelog
        </a>
        <nav aria-label="Pages" ref={nav}>
          {IN_NAVIGATION.map((name) => (
            <Link key={name} to={{ view: name }} isCurrent={name === view}>
              {TITLES[name]}
            </Link>
          ))}
        </nav>
        <span class="spacer" />
        {isSignedIn && (
          <button class="button small" type="button" onClick={() => signOut()}>
            Sign out
          </button>
        )}
      </header>
      <main>{isSignedIn ? <Page /> : <SignIn />}</main>
    </>
  );
};
