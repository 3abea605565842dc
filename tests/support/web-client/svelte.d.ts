declare module "*.svelte" {
  import type { Component } from "svelte";
  import type { Logger } from "../../../web-client/logger/index.ts";
  const component: Component<{ readonly log: Logger }>;
  export default component;
}
