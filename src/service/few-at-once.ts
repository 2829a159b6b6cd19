/** Runs all jobs, at most `atOnce` at a time. After a failure no further one is begun; the first failure is thrown. */
export async function fewAtOnce(atOnce: number, jobs: readonly (() => Promise<unknown>)[]): Promise<void> {
  let next = 0;
  let failed = false;
  const runner = async () => {
    for (let job = jobs[next++]; job && !failed; job = jobs[next++]) {
      try {
        await job();
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, runner));
}
