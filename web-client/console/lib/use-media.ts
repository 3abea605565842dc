import { useEffect, useState } from "preact/hooks";

/** Whether a media query matches, updated on change. */
export const useMedia = (query: string): boolean => {
  const [isMatch, setMatch] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const onChange = (): void => setMatch(media.matches);
    onChange();
    media.addEventListener("change", onChange);
    return () => media.removeEventListener("change", onChange);
  }, [query]);
  return isMatch;
};

/** Phone layout. The style sheets use the same width. */
export const PHONE_QUERY = "(max-width: 640px)";

/** Below this width side panels cover the content. */
export const NARROW_QUERY = "(max-width: 900px)";
