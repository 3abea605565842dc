import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ExportFormat } from "../../../contract/export.ts";
import { download } from "./download.ts";
import { toBytes } from "./numbers.ts";

interface DownloadButtonProps {
  /** Filter of `/export`. */
  readonly params: Readonly<Record<string, string>>;
  /** Of the file, without its ending. */
  readonly name: string;
  readonly children: ComponentChildren;
}

const FORMATS: readonly (readonly [format: ExportFormat, label: string])[] = [
  ["ndjson", "JSON lines"],
  ["csv", "CSV"],
  ["text", "Text"],
];

/** Offers the formats of `/export`, and downloads. */
export const DownloadButton = ({ params, name, children }: DownloadButtonProps): JSX.Element => {
  const menu = useRef<HTMLDetailsElement>(null);
  const running = useRef<AbortController>(undefined);
  const [news, setNews] = useState("");
  useEffect(() => () => running.current?.abort(), []);

  const start = (format: ExportFormat): void => {
    if (menu.current) menu.current.open = false;
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setNews("Downloading…");
    const onProgress = (bytes: number): void => setNews(`Downloading… ${toBytes(bytes)}`);
    download({ params, format, name, signal, onProgress }).then(
      (failure) => setNews(failure ?? ""),
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  };
  return (
    <details class="download" ref={menu}>
      <summary class="button small">{children}</summary>
      <div class="download-formats card">
        {FORMATS.map(([format, label]) => (
          <button key={format} type="button" onClick={() => start(format)}>
            {label}
          </button>
        ))}
      </div>
      <span class="download-news" role="status">
        {news}
      </span>
    </details>
  );
};
