import { useFetch } from "../api/use-fetch.ts";
import { useReader } from "./use-reader.ts";

/** Response of `/demo/config.json`, in development only. */
export interface DemoApp {
  readonly app: string;
  readonly key: string;
}

/** The app of the demo page, if there is one and the token can read its logs. */
export const useReadableDemo = (): DemoApp | undefined => {
  const reader = useReader();
  const { answer: demo } = useFetch<DemoApp>("/demo/config.json");
  return demo !== undefined && reader?.apps.some(({ id }) => id === demo.app) === true ? demo : undefined;
};
