import type { OutgoingHttpHeaders } from 'node:http';
import { machineAddresses } from '../addresses.ts';
import type { CorsResource } from '../template/resources.ts';

const PREFIX = 'access-control-';

/** Origins of the template's configuration, and every page that this machine serves itself. */
function allows(cors: CorsResource, origin: string): boolean {
  return cors.AllowOrigins?.includes(origin) === true || isOwnPage(origin, machineAddresses());
}

/** A page of this machine, also one that a phone opened by an address in the network: `http://192.168.1.20:8081`. */
export function isOwnPage(origin: string, addresses: readonly string[]): boolean {
  return isLoopback(origin) || (URL.canParse(origin) && addresses.includes(new URL(origin).hostname));
}

/** `http://localhost:5173`, `http://127.0.0.1:8080`, … */
export function isLoopback(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The gateway answers preflights itself: with permission, or with nothing. `asked`: what the browser asks for. */
export function preflightHeaders(cors: CorsResource, origin: string, asked: string | undefined): OutgoingHttpHeaders {
  if (!allows(cors, origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': cors.AllowMethods?.join(',') ?? 'GET,POST',
    ...((cors.AllowHeaders?.join(',') ?? asked) !== undefined && {
      'access-control-allow-headers': cors.AllowHeaders?.join(',') ?? asked,
    }),
    ...(cors.MaxAge !== undefined && { 'access-control-max-age': String(cors.MaxAge) }),
    vary: 'origin',
  };
}

/** With CORS configured, the gateway drops what a function says about it and adds its own. */
export function withCors(cors: CorsResource, origin: string | undefined, headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(PREFIX)));
  if (origin === undefined || !allows(cors, origin)) return kept;
  return {
    ...kept,
    'access-control-allow-origin': origin,
    ...(cors.ExposeHeaders !== undefined && { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
    vary: kept['vary'] === undefined ? 'origin' : `${String(kept['vary'])}, origin`,
  };
}
