/** All checks of the doctor. */
import type { Finding } from "../lib/finding.ts";
import { checkPipeline } from "./check-pipeline.ts";
import { checkSending } from "./check-sending.ts";
import { checkWorker } from "./check-worker.ts";
import type { Probe } from "./probe.ts";
import type { DoctorTarget } from "./target.ts";

/** If the Worker does not respond, only the relay is checked further. */
export const examine = async (probe: Probe, target: DoctorTarget): Promise<readonly Finding[]> => {
  const worker = await checkWorker(probe, target);
  if (worker.some(({ name, result }) => name === "worker" && result === "failed")) {
    return [...worker, ...(await checkPipeline(probe, target)).filter(({ name }) => name.startsWith("relay"))];
  }
  return [...worker, ...(await checkSending(probe, target)), ...(await checkPipeline(probe, target))];
};
