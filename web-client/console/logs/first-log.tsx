import type { JSX } from "preact";
import { CopyButton } from "../components/copy-button.tsx";
import { Notice } from "../components/notice.tsx";
import { useReadableDemo } from "../lib/use-readable-demo.ts";
import { useReader } from "../lib/use-reader.ts";

interface Snippet {
  readonly title: string;
  readonly code: string;
}

const toSnippets = (app: string, key: string): readonly Snippet[] => {
  const { origin, hostname } = location;
  return [
    {
      title: "Terminal",
      code: `curl ${origin}/logs -u '${app}:${key}' -d '{"severity":"info","body":"hello"}'`,
    },
    {
      title: "Browser",
      code: `import { createLogger } from "edgelog-web";\n\nconst log = createLogger({ app: "${app}", key: "${key}", endpoint: "${origin}" });\nlog.info("hello");`,
    },
    {
      title: "Phone, over MQTT",
      code: `mosquitto_pub -h ${hostname} -p 8883 --cafile .edgelog/mosquitto/certs/ca.crt \\\n  -V 5 -u ${app} -P ${key} \\\n  -i phone-1 -t logs/${app}/phone-1 -q 1 -m '{"severity":"info","body":"hello"}'`,
    },
  ];
};

/** Shown while no log has arrived: ways to send the first one. It disappears with the first log. */
export const FirstLog = (): JSX.Element => {
  const reader = useReader();
  const demo = useReadableDemo();
  const { app, key } = demo ?? { app: reader?.apps[0]?.id ?? "APP", key: "KEY" };
  return (
    <Notice title="No logs yet" size="wide">
      <p class="muted">
        Send a log to the app <b class="untrusted">{app}</b>. It appears here within seconds.
      </p>
      {toSnippets(app, key).map(({ title, code }) => (
        <section class="snippet" key={title}>
          <header>
            <h3>{title}</h3>
            <CopyButton text={code}>Copy</CopyButton>
          </header>
          <pre tabIndex={0}>{code}</pre>
        </section>
      ))}
      {demo === undefined ? (
        <p class="muted small">
          <code>npm run app -- create {app}</code> prints the key of a new app. If the app exists,{" "}
          <code>npm run app -- rotate {app}</code> prints a further key.
        </p>
      ) : (
        <p class="muted small">
          Or open the <a href="/demo/">demo page</a>, which sends logs from the browser.
        </p>
      )}
    </Notice>
  );
};
