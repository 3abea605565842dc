/** Destination of an export: streamed to a file, or collected in memory and then downloaded. */

export interface ExportSink {
  /** Resolves with `false` when the memory limit is reached. */
  write(text: string): Promise<boolean>;
  /** Closes the file, or starts the download. */
  finish(): Promise<void>;
  /** Discards everything written. */
  abort(): Promise<void>;
}

/** Limit of an export that is collected in memory. */
export const MAX_MEMORY_BYTES = 512 * 1_048_576;

const SLICE_LENGTH = 4 * 1_048_576;

interface FilePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

const openFile = async (handle: FileSystemFileHandle): Promise<ExportSink> => {
  const file = await handle.createWritable();
  return {
    async write(text) {
      await file.write(text);
      return true;
    },
    finish: () => file.close(),
    abort: () => file.abort(),
  };
};

const openMemory = (name: string): ExportSink => {
  const slices: Blob[] = [];
  let text = "";
  let bytes = 0;
  const flush = (): void => {
    // The browser may store a Blob on disk, unlike a string.
    const slice = new Blob([text]);
    slices.push(slice);
    bytes += slice.size;
    text = "";
  };
  return {
    async write(more) {
      text += more;
      if (text.length >= SLICE_LENGTH) flush();
      return bytes + text.length < MAX_MEMORY_BYTES;
    },
    async finish() {
      flush();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(slices));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    async abort() {
      slices.length = 0;
    },
  };
};

/**
 * Opens a destination: a file that the user selects if the browser supports that, otherwise memory. Resolves with
 * `undefined` if the user cancels. Must be called from a click handler.
 */
export const openSink = async (name: string): Promise<ExportSink | undefined> => {
  const { showSaveFilePicker } = window as FilePicker;
  if (showSaveFilePicker === undefined) return openMemory(name);
  try {
    return await openFile(await showSaveFilePicker({ suggestedName: name }));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    return openMemory(name);
  }
};
