/** Setup file of vitest: the tests of this process get only the CPU time that others leave. */
import { constants, setPriority } from "node:os";

setPriority(constants.priority.PRIORITY_LOW);
