import type { JsonObject } from '../../src/protocol/json.ts';

// A small town for `npm start -- --demo`: its people, what they reported, and where they got in each other's way.

export type Device = { id: string; platform: string; os: string; model: string; app: string };
export type Citizen = { sub: string; devices: readonly [Device, Device?] };
export type Officer = { sub: string; departments: readonly string[]; desk: Device };

const pixel = (id: string): Device => ({ id, platform: 'android', os: '15', model: 'Pixel 8', app: '2.4.1' });
const galaxy = (id: string): Device => ({ id, platform: 'android', os: '14', model: 'Galaxy A54', app: '2.3.0' });
const iphone = (id: string): Device => ({ id, platform: 'ios', os: '18.1', model: 'iPhone 14', app: '2.4.1' });
const ipad = (id: string): Device => ({ id, platform: 'ios', os: '18.1', model: 'iPad Air', app: '2.4.0' });
const web = (id: string): Device => ({ id, platform: 'web', os: 'Windows 11', model: 'Firefox', app: '2.4.1' });

export const CITIZENS: readonly Citizen[] = [
  { sub: 'amira', devices: [pixel('amira-pixel'), ipad('amira-ipad')] },
  { sub: 'ben', devices: [iphone('ben-iphone'), web('ben-laptop')] },
  { sub: 'chloe', devices: [galaxy('chloe-galaxy'), ipad('chloe-ipad')] },
  { sub: 'dinesh', devices: [pixel('dinesh-pixel'), galaxy('dinesh-galaxy')] },
  { sub: 'elif', devices: [iphone('elif-iphone'), ipad('elif-ipad')] },
  { sub: 'farid', devices: [galaxy('farid-galaxy'), web('farid-desktop')] },
  { sub: 'grace', devices: [iphone('grace-iphone')] },
  { sub: 'hana', devices: [pixel('hana-pixel')] },
  { sub: 'ivan', devices: [galaxy('ivan-galaxy')] },
  { sub: 'joana', devices: [iphone('joana-iphone')] },
];

export const OFFICERS: readonly Officer[] = [
  { sub: 'olga', departments: ['roads', 'water'], desk: web('olga-desk') },
  { sub: 'pedro', departments: ['lighting', 'parks'], desk: web('pedro-desk') },
];

export type Report = { by: string; id: string; data: JsonObject };

const report = (by: string, id: string, title: string, category: string, description: string, tags: readonly string[] = []): Report => ({
  by, id, data: { title, category, description, ...(tags.length > 0 ? { tags: [...tags] } : {}) },
});

export const REPORTS: readonly Report[] = [
  report('amira', 'pothole-mill-lane', 'Pothole on Mill Lane', 'roads', 'About 40 cm wide, right behind the bend. Cyclists swerve into traffic.', ['bicycle']),
  report('amira', 'zebra-faded', 'Zebra crossing has faded', 'roads', 'In front of the primary school. Drivers no longer see it at dusk.', ['school']),
  report('ben', 'burst-pipe-harbour', 'Water on Harbour Street', 'water', 'Water comes out between the cobbles in front of number 12.\nIt has run since this morning.\nThe cellar of the bakery is still dry.'),
  report('ben', 'bench-broken', 'Bench without a seat', 'parks', 'At the pond, on the north side. Two planks are gone.'),
  report('chloe', 'lamp-station', 'Street light out at the station', 'lighting', 'The third one from the underpass. It is very dark there.'),
  report('chloe', 'graffiti-bridge', 'Graffiti under the bridge', 'parks', 'Both pillars, up to two metres.'),
  report('dinesh', 'tree-fallen', 'Tree across the cycle path', 'parks', 'Near the weir. One can climb over it, not ride.', ['bicycle', 'storm']),
  report('dinesh', 'sign-turned', 'Stop sign is turned away', 'roads', 'Corner of Elm and Station Road.'),
  report('elif', 'hydrant-leaks', 'Hydrant leaks', 'water', 'A thin jet, the pavement freezes over at night.'),
  report('elif', 'playground-swing', 'Swing hangs by one chain', 'parks', 'At the playground in Garden Street.', ['children']),
  report('farid', 'drain-blocked', 'Drain is blocked', 'water', 'When it rains the water stands up to the kerb.'),
  report('farid', 'crack-bridge', 'Crack in the railing of the footbridge', 'roads', 'East side, about one finger wide.'),
  report('grace', 'lamp-flickers', 'Light flickers all night', 'lighting', 'Opposite Market Square 3.'),
  report('hana', 'bins-overflow', 'Bins overflow at the market', 'parks', 'Every Saturday evening. The gulls do the rest.'),
  report('hana', 'curb-high', 'Kerb too high for wheelchairs', 'roads', 'At the library, the way down to the car park.', ['access']),
  report('ivan', 'ice-stairs', 'Icy stairs at the town hall', 'roads', 'The handrail is loose as well.'),
  report('joana', 'fountain-dry', 'Fountain is dry', 'water', 'On the church square, since the weekend.'),
  report('joana', 'light-day', 'Street lights are on by day', 'lighting', 'All of Orchard Road.'),
];

/** One edit of a report, made on a device that knew its first version. No data: a deletion. */
export type Edit = { id: string; data?: JsonObject; base?: JsonObject };

/** Two devices of one person were offline and changed the same: the second of each pair meets a conflict. */
export const CONFLICTS: readonly { by: string; report: string; first: Edit; second: Edit }[] = [
  {
    by: 'amira', report: 'pothole-mill-lane',
    first: { id: 'pothole-title-pixel', data: { title: 'Deep pothole on Mill Lane, behind the bend' } },
    second: { id: 'pothole-title-ipad', data: { title: 'Two potholes on Mill Lane', tags: { $add: ['urgent'] } }, base: { title: 'Pothole on Mill Lane' } },
  },
  {
    by: 'ben', report: 'burst-pipe-harbour',
    first: { id: 'pipe-text-iphone', data: { description: 'Water comes out between the cobbles in front of numbers 12 and 14.\nIt has run since Tuesday morning.\nThe cellar of the bakery is still dry.' } },
    second: {
      id: 'pipe-text-laptop',
      data: { description: 'Water comes out between the cobbles in front of number 12.\nIt has run since this morning, and it is getting more.\nThe cellar of the bakery is flooded.', title: 'Burst pipe on Harbour Street' },
      base: {
        title: 'Water on Harbour Street',
        description: 'Water comes out between the cobbles in front of number 12.\nIt has run since this morning.\nThe cellar of the bakery is still dry.',
      },
    },
  },
  {
    by: 'chloe', report: 'graffiti-bridge',
    first: { id: 'graffiti-gone' },
    second: { id: 'graffiti-more', data: { description: 'Both pillars, up to two metres. The wall beside the stairs too.' }, base: { description: 'Both pillars, up to two metres.' } },
  },
  {
    by: 'dinesh', report: 'tree-fallen',
    first: { id: 'tree-where-pixel', data: { latitude: 51.50412, longitude: -0.12114 } },
    second: { id: 'tree-where-galaxy', data: { latitude: 51.50398, longitude: -0.12094, tags: { $add: ['blocked'] } } },
  },
  {
    by: 'elif', report: 'hydrant-leaks',
    first: { id: 'hydrant-more', data: { description: 'A thick jet by now, the pavement is a sheet of ice.' } },
    second: { id: 'hydrant-gone' },
  },
  {
    by: 'farid', report: 'crack-bridge',
    first: { id: 'crack-category', data: { category: 'parks', title: 'Crack in the railing of the park’s footbridge' } },
    second: { id: 'crack-title', data: { title: 'Railing of the footbridge is about to break' }, base: { title: 'Crack in the railing of the footbridge' } },
  },
];

/** What officers did with some of the reports. */
export const WORK: readonly { by: string; reporter: string; report: string; id: string; data: JsonObject }[] = [
  { by: 'olga', reporter: 'amira', report: 'zebra-faded', id: 'zebra-progress', data: { status: 'in_progress', resolution_note: 'The paint is ordered; it needs a dry week.' } },
  { by: 'olga', reporter: 'farid', report: 'drain-blocked', id: 'drain-done', data: { status: 'resolved', resolution_note: 'Flushed this morning.' } },
  { by: 'pedro', reporter: 'chloe', report: 'lamp-station', id: 'lamp-progress', data: { status: 'in_progress' } },
  { by: 'pedro', reporter: 'joana', report: 'light-day', id: 'light-done', data: { status: 'resolved', resolution_note: 'The light sensor was covered by a bird’s nest.' } },
];

/** Actions that the server gave up on, and one that waits behind the first. */
export const FAILED: readonly { by: string; report: string; id: string; data: JsonObject; reason: string; hoursAgo: number }[] = [
  { by: 'hana', report: 'bins-overflow', id: 'bins-text', data: { description: 'Every Saturday evening.\nThe gulls do the rest.\nThis week there was broken glass as well.' }, reason: 'NoWord', hoursAgo: 5 },
  { by: 'ivan', report: 'ice-stairs', id: 'ice-where', data: { latitude: 51.50301, longitude: -0.11842, tags: ['ice', 'access'] }, reason: 'RangeError', hoursAgo: 3 },
  { by: 'grace', report: 'lamp-flickers', id: 'lamp-text', data: { description: 'Opposite Market Square 3. It hums, too.' }, reason: 'RangeError', hoursAgo: 2 },
];
export const WAITS_BEHIND = { by: 'hana', report: 'bins-overflow', id: 'bins-title', data: { title: 'Bins overflow, broken glass' } };

/** Refused by the rules: an outcome like any other. */
export const REFUSED = { by: 'joana', id: 'report-untitled', data: { title: '', category: 'roads' } };
