import { ErrorsInstrumentation, initializeFaro } from "@grafana/faro-web-sdk";

export const start = ({ endpoint }) => {
  const faro = initializeFaro({
    url: `${endpoint}/faro`,
    app: { name: "shop" },
    instrumentations: [new ErrorsInstrumentation()],
  });
  return (message, context) =>
    faro.api.pushLog([message], {
      context: Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)])),
    });
};
