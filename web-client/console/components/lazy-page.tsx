import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Notice } from "./notice.tsx";

/** Returns a page that is loaded when it is opened. For pages that only some readers open, because all load the console's script. */
export const createLazyPage = (load: () => Promise<ComponentType>): ComponentType =>
  function LazyPage(): JSX.Element | null {
    const [Page, setPage] = useState<ComponentType>();
    const [isFailed, setFailed] = useState(false);
    useEffect(() => {
      load().then(
        (loaded) => setPage(() => loaded),
        () => setFailed(true),
      );
    }, []);
    if (Page !== undefined) return <Page />;
    return isFailed ? <Notice title="The page could not be loaded">Reload this page to try again.</Notice> : null;
  };
