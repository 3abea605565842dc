/** The frame around the console's pages: where one is, what is filtered, and who is signed in. */
import type { ComponentType, JSX } from "preact";
import { address, type View } from "./address.ts";
import { readerToken, signOut } from "./api/reader-token.ts";
import { AlertsPage } from "./alerts/alerts-page.tsx";
import { AppPage } from "./app/app-page.tsx";
import { ErrorsPage } from "./errors/errors-page.tsx";
import { LogsPage } from "./logs/logs-page.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import { Link } from "./parts/link.tsx";
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

const TITLES: readonly (readonly [view: View, title: string])[] = [
  ["logs", "Logs"],
  ["overview", "Overview"],
  ["errors", "Errors"],
  ["rejected", "Rejected"],
  ["alerts", "Alerts"],
];

export const Console = (): JSX.Element => {
  const isSignedIn = readerToken.value !== undefined;
  const { view } = address.value;
  const Page = PAGES[view];
  return (
    <>
      <header class="topbar">
        <a class="brand" href="/">
          <img src="/favicon.svg" alt="" />
          Edgelog
        </a>
        <nav aria-label="Pages">
          {TITLES.map(([name, title]) => (
            <Link key={name} to={{ view: name }} isCurrent={name === view}>
              {title}
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
