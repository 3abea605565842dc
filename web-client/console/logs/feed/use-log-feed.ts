import { useEffect, useMemo } from "preact/hooks";
import { LogFeed } from "./log-feed.ts";

/** Feed for a filter, given as parameters of the read API; `undefined` loads nothing. A changed filter gets a new feed. */
export const useLogFeed = (params: string | undefined, isLive: boolean): LogFeed | undefined => {
  const feed = useMemo(() => (params === undefined ? undefined : new LogFeed(new URLSearchParams(params))), [params]);
  useEffect(() => {
    feed?.start();
    return () => feed?.stop();
  }, [feed]);
  useEffect(() => {
    if (feed) feed.isLive = isLive;
  }, [feed, isLive]);
  return feed;
};
