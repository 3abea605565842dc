/** The stamp of a payload that arrives over HTTP. */
import { v7 as uuidv7 } from "uuid";

/** A UUID of version 7. With the current time: otherwise the package continues from its last one, even after a clock that was ahead is right again. */
export const createStamp = (): string => uuidv7({ msecs: Date.now() });
