/**
 * CPU time of `work` on this thread, in ms. Bounds of it also hold while other programs use the machine.
 */
export const measureCpuMs = (work: () => void): number => {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1_000;
};
