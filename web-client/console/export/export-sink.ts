/** Where an export goes: into a file as it comes, or into the browser's memory and from there to the downloads. */

export interface ExportSink {
  /** `false`: there is no more room. */
  write(text: string): Promise<boolean>;
  /** Makes the file of what was written. */
  finish(): Promise<void>;
  /** Throws it away. */
  abort(): Promise<void>;
}

/** What a browser can surely keep before it is a file. */
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
  const seal = (): void => {
    // A Blob may lie on the disk, a string may not.
    const slice = new Blob([text]);
    slices.push(slice);
    bytes += slice.size;
    text = "";
  };
  return {
    async write(more) {
      text += more;
      if (text.length >= SLICE_LENGTH) seal();
      return bytes + text.length < MAX_MEMORY_BYTES;
    },
    async finish() {
      seal();
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

/** Asks where to, if the browser can; `undefined`: the reader changed their mind. Must be called from a click. */
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
