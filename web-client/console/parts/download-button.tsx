import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ExportFormat } from "../../../contract/export.ts";
import { download } from "./download.ts";
import { Menu } from "./menu.tsx";
import { toBytes } from "./numbers.ts";

interface DownloadButtonProps {
  /** Filter of `/export`. */
  readonly params: Readonly<Record<string, string>>;
  /** Of the file, without its ending. */
  readonly name: string;
  readonly title: string;
}

const FORMATS: readonly (readonly [format: ExportFormat, label: string])[] = [
  ["ndjson", "JSON lines"],
  ["csv", "CSV"],
  ["text", "Text"],
];

/** Offers the formats of `/export`, and downloads. */
export const DownloadButton = ({ params, name, title }: DownloadButtonProps): JSX.Element => {
  const running = useRef<AbortController>(undefined);
  const [news, setNews] = useState("");
  useEffect(() => () => running.current?.abort(), []);

  const start = (format: ExportFormat): void => {
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
    <div class="download">
      <Menu title={title}>
        {FORMATS.map(([format, label]) => (
          <button
            key={format}
            class="button quiet"
            type="button"
            onClick={({ currentTarget }) => {
              currentTarget.closest("details")?.removeAttribute("open");
              start(format);
            }}
          >
            {label}
          </button>
        ))}
      </Menu>
      <span class="download-news" role="status">
        {news}
      </span>
    </div>
  );
};
