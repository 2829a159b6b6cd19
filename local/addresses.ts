import { networkInterfaces } from 'node:os';

/** Where other devices of the network find this machine. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => all ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}
