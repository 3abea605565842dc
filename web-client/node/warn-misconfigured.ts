/**
 * The logger's warning about an endpoint that is not an HTTP URL, without the secrets in it: standard error is often stored.
 */
import { warnMisconfigured as warn } from "../logger/send/warn-misconfigured.ts";
import { withoutSecrets } from "./without-secrets.ts";

export const warnMisconfigured = (url: string, canFetch: boolean): void => warn(withoutSecrets(url), canFetch);
