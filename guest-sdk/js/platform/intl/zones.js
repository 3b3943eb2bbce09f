// Time zones: UTC, offsets such as +02:00, and those that the host knows.

import { host } from '../host.js';

const OFFSET = /^([+-])(\d\d):?(\d\d)?$/;

const fixedOffset = (zone) => {
  const [, sign, hours, minutes = '0'] = OFFSET.exec(zone) ?? [];
  return sign && (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

const isUtc = (zone) => /^(utc|gmt|etc\/(utc|gmt)|z)$/i.test(zone);

/** The zone's name as it is written; a RangeError if there is none. */
export function zoneOf(zone = 'UTC') {
  const name = String(zone);
  if (isUtc(name)) return 'UTC';
  if (fixedOffset(name) !== undefined) return name;
  if (host.zoneOffset?.(name, 0) !== undefined) return name;
  throw new RangeError(`Invalid time zone specified: ${name}`);
}

/** How far a zone is ahead of UTC at a time, in milliseconds. */
export function offsetAt(zone, time) {
  return zone === 'UTC' ? 0 : (fixedOffset(zone) ?? host.zoneOffset(zone, time));
}

/** The name of a zone at a time. */
export function zoneName(zone, time, style) {
  if (zone === 'UTC') return style === 'long' ? 'Coordinated Universal Time' : style?.includes('ffset') ? 'GMT' : 'UTC';
  const minutes = Math.round(offsetAt(zone, time) / 60_000);
  if (minutes === 0) return 'GMT';
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const isLong = style === 'long' || style === 'longOffset';
  const shown = isLong
    ? `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
    : hours + (rest ? `:${String(rest).padStart(2, '0')}` : '');
  return `GMT${minutes < 0 ? '-' : '+'}${shown}`;
}
