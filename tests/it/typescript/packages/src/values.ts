// Packages that compute.

import { Ajv } from 'ajv';
import * as cheerio from 'cheerio';
import { parse as parseCsv } from 'csv-parse/sync';
import { addBusinessDays, format, parseISO } from 'date-fns';
import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import Handlebars from 'handlebars';
import lodash from 'lodash';
import { DateTime } from 'luxon';
import ms from 'ms';
import Mustache from 'mustache';
import { customAlphabet, nanoid } from 'nanoid';
import Papa from 'papaparse';
import { v4, v5, validate } from 'uuid';
import YAML from 'yaml';
import { z } from 'zod';

const Order = z.object({ id: z.uuid(), lines: z.array(z.object({ price: z.number().positive() })).nonempty() });

export function uses_zod(order: unknown): unknown {
  const parsed = Order.safeParse(order);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const validates = new Ajv().compile({
  type: 'object',
  properties: { id: { type: 'integer' } },
  required: ['id'],
  additionalProperties: false,
});

export function uses_ajv(order: unknown): unknown {
  return validates(order) || validates.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

export function uses_dates(day: string): unknown {
  dayjs.extend(utc);
  return {
    'date-fns': format(addBusinessDays(parseISO(day), 3), 'EEEE d MMMM yyyy'),
    dayjs: dayjs.utc(day).add(1, 'month').format('YYYY-MM-DD[T]HH:mm'),
    luxon: DateTime.fromISO(`${day}T12:00`, { zone: 'Europe/Paris' }).toUTC().toISO(),
    'luxon in words': DateTime.fromISO(day).setLocale('en-US').toLocaleString(DateTime.DATE_FULL),
    ms: [ms('2 days'), ms(90_000, { long: true })],
  };
}

export function uses_templates(name: string): unknown {
  return {
    handlebars: Handlebars.compile('{{#each parts}}{{upper this}} {{/each}}{{{raw}}}')(
      { parts: [name, 'b'], raw: '<b>' },
      { helpers: { upper: (text: string) => text.toUpperCase() } },
    ),
    mustache: Mustache.render('{{#items}}<{{.}}>{{/items}}{{^none}} none{{/none}}', { items: [name, '&'] }),
  };
}

export function uses_formats(): unknown {
  return {
    'csv-parse': parseCsv('name,count\n"a ""b""",1\n', { columns: true }),
    papaparse: Papa.parse('x;y\n1;2', { header: true, dynamicTyping: true }).data,
    yaml: [YAML.parse('a: &x [1, 2]\nb: *x\n'), YAML.stringify({ list: ['one', 2], text: 'a\nb' })],
    cheerio: cheerio.load('<ul><li class="a">1<li>2</ul>')('li:not(.a)').text(),
  };
}

export function uses_lodash(): unknown {
  return [
    lodash.groupBy(['one', 'two', 'three'], 'length'),
    lodash.template('<%= name %>!')({ name: 'Ada' }),
    lodash.isEqual({ a: [1, new Map([[1, { b: 2 }]])] }, { a: [1, new Map([[1, { b: 2 }]])] }),
    lodash.cloneDeep({ when: new Date(0), set: new Set([1]) }).when.toISOString(),
    lodash.merge({ a: { b: 1 } }, { a: { c: 2 } }),
    lodash.camelCase('déjà vu-Again'),
  ];
}

export function uses_identifiers(): unknown {
  const random = v4();
  return {
    uuid: [validate(random), random !== v4(), v5('isolet', v5.URL)],
    nanoid: [nanoid().length, nanoid() !== nanoid(), /^[ab]{8}$/.test(customAlphabet('ab', 8)())],
  };
}
