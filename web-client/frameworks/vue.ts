/**
 * Vue: a plugin that provides the logger and logs the errors of components.
 */
import { inject, type InjectionKey, type Plugin } from "vue";
import type { Attributes } from "#contract/wire/attributes.ts";
import type { Logger } from "../logger/logger.ts";
import { page } from "../logger/platform.ts";

const LOGGER: InjectionKey<Logger> = Symbol("edgelog");

/**
 * A plugin that provides the logger to `useLogger` and logs errors in components, with the attributes `vue.info` and `vue.component`.
 * An `app.config.errorHandler` that was set before is called too; without one, the error is also written to the console.
 *
 * @example
 * createApp(App).use(createEdgelog(log)).mount("#app");
 */
export const createEdgelog = (logger: Logger): Plugin => ({
  install(app) {
    const { errorHandler } = app.config;
    app.provide(LOGGER, logger);
    app.config.errorHandler = (error, instance, info) => {
      const { name, __name = name } = instance?.$options ?? {};
      logger.error(error, { "vue.info": info, "vue.component": __name });
      if (errorHandler) errorHandler(error, instance, info);
      else page.console.error(error);
    };
  },
});

/**
 * The logger of the app. With attributes: a child that adds them to its events. Call it in `setup`. Throws without the plugin.
 *
 * @example
 * const log = useLogger({ component: "cart" });
 */
export const useLogger = (attributes?: Attributes): Logger => {
  const logger = inject(LOGGER);
  if (!logger) throw new Error("useLogger needs app.use(createEdgelog(log)).");
  return attributes ? logger.child(attributes) : logger;
};
