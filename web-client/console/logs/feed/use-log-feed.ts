import { useEffect, useMemo } from "preact/hooks";
import { LogFeed } from "./log-feed.ts";

/** The feed of a filter in parameters of the read API; `undefined` asks nothing. It is stopped when the filter changes. */
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
