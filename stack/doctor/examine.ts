/** All checks of the doctor. */
import { skipped, type Finding } from "../lib/finding.ts";
import { checkPipeline } from "./check-pipeline.ts";
import { checkListeners, checkSending } from "./check-sending.ts";
import { checkWorker } from "./check-worker.ts";
import type { Probe } from "./probe.ts";
import type { DoctorTarget } from "./target.ts";

/** If the Worker does not respond, only the broker and the relay are checked further. */
export const examine = async (probe: Probe, target: DoctorTarget): Promise<readonly Finding[]> => {
  const worker = await checkWorker(probe, target);
  const isDown = worker.some(({ name, result }) => name === "worker" && result === "failed");
  const findings = [...worker, ...(await (isDown ? checkListeners : checkSending)(probe, target))];
  if (target.brokers.length === 0)
    findings.push(skipped("broker", "pass each of its public listeners with --broker URL"));
  const pipeline = await checkPipeline(probe, target, worker);
  return [...findings, ...pipeline.filter(({ name }) => !isDown || name.startsWith("relay"))];
};
