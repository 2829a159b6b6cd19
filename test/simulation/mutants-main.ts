import { availableParallelism } from 'node:os';
import { huntAll, type Hunted } from './mutants/hunt.ts';
import { MUTANTS } from './mutants/mutants.ts';

/** Plants each defect alone and says which check noticed it, and at which seed. Ends with 1 if one survives. */
export async function main([wanted = '']: string[]): Promise<void> {
  const mutants = MUTANTS.filter(({ name }) => name.includes(wanted));
  const width = Math.max(...mutants.map(({ name }) => name.length));
  const hunted = await huntAll(mutants, availableParallelism(), (one) => process.stdout.write(`${rowOf(one, width)}\n`));
  const survivors = hunted.filter(({ failure }) => !failure);
  process.stdout.write(`${hunted.length - survivors.length} of ${hunted.length} caught\n`);
  if (survivors.length > 0) process.exitCode = 1;
}

function rowOf({ mutant, seed, failure }: Hunted, width: number): string {
  if (!failure) return `${mutant.name.padEnd(width)}  SURVIVES`;
  return `${mutant.name.padEnd(width)}  seed ${String(seed).padStart(4)}  ${failure.property.padEnd(8)}  ${failure.check.padEnd(9)}  ${failure.detail.replaceAll('\n', ' ').slice(0, 100)}`;
}
