/**
 * Vite: a plugin that sets the version of the app and the URL of the Worker when the app is built.
 */
import type { Plugin } from "vite";

/** Options of {@link edgelog}. */
export interface EdgelogPluginOptions {
  /** URL of the Worker. Default: the environment variable `EDGELOG_ENDPOINT`, or else the origin of the page. */
  readonly endpoint?: string;
  /**
   * Version of the app. Default: the environment variable `EDGELOG_RELEASE`, or else the version in the package.json whose script runs
   * the build.
   */
  readonly release?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A JavaScript expression. */
const toExpression = (value: string | undefined): string => (value === undefined ? "undefined" : JSON.stringify(value));

/**
 * Sets `import.meta.env.VITE_EDGELOG_ENDPOINT` and `VITE_EDGELOG_RELEASE`. It also excludes the package from the optimizer of Vite's
 * development server, which would move the logger's script away from those of its Workers.
 *
 * @example
 * // vite.config.ts
 * export default defineConfig({ plugins: [edgelog({ endpoint: "https://logs.example.com" })] });
 * // main.ts
 * const { VITE_EDGELOG_ENDPOINT: endpoint, VITE_EDGELOG_RELEASE: release } = import.meta.env;
 * const log = createLogger({ app: "shop", key: "elk_…", endpoint, release });
 */
export const edgelog = (options: EdgelogPluginOptions = {}): Plugin => {
  const { env = {} } = (globalThis as { readonly process?: { readonly env: Environment } }).process ?? {};
  const endpoint = options.endpoint ?? env["EDGELOG_ENDPOINT"];
  const release = options.release ?? env["EDGELOG_RELEASE"] ?? env["npm_package_version"];
  return {
    name: "edgelog",
    config: () => ({
      define: {
        "import.meta.env.VITE_EDGELOG_ENDPOINT": toExpression(endpoint),
        "import.meta.env.VITE_EDGELOG_RELEASE": toExpression(release),
      },
      optimizeDeps: { exclude: ["edgelog-web"] },
    }),
  };
};
