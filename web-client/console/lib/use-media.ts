import { useEffect, useState } from "preact/hooks";

/** Whether a media query matches. */
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

/** As in the style sheets: below this, the console is laid out for a phone. */
export const PHONE_QUERY = "(max-width: 640px)";

/** Below this, what stood beside something else covers it. */
export const NARROW_QUERY = "(max-width: 900px)";
