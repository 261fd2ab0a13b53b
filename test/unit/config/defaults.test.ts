import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonSchema, SCHEMA_FILE } from '../../../src/config/json-schema.ts';
import { parseYaml } from '../../../src/config/yaml-document.ts';
import { accepted } from './configuration.ts';

const template = await readFile(new URL('../../../templates/pipeline/devenv.yaml', import.meta.url), 'utf8');

describe('without a devenv.yaml', () => {
  const { topology, environmentName, runtime } = accepted();

  it('declares two streams whose reservations fit the server with room to spare', () => {
    expect(topology.streams).toMatchObject([
      {
        name: 'MESSAGES',
        subjects: ['messages.ingest.>'],
        storage: 'file',
        retention: 'limits',
        maxAge: 24 * 3_600_000,
        duplicateWindow: 120_000,
      },
      { name: 'MESSAGESDLQ', subjects: ['messages.dlq.>'], storage: 'file', maxAge: 7 * 24 * 3_600_000 },
    ]);
    const reserved = topology.streams.reduce((sum, stream) => sum + stream.maxBytes, 0);
    expect(reserved).toBeGreaterThan(0);
    expect(reserved).toBeLessThanOrEqual(topology.nats.maxFileStore * 0.75);
  });

  it('declares a consumer that gives up in the end, with no more delays than deliveries', () => {
    expect(topology.consumers).toEqual([
      {
        stream: 'MESSAGES',
        account: '$G',
        name: 'workers',
        filterSubjects: [],
        ackWait: 30_000,
        maxDeliver: 5,
        backoff: [500, 2000, 5000, 15_000],
        maxAckPending: 1000,
        deliverPolicy: 'all',
        inactiveThreshold: 0,
      },
    ]);
  });

  it('declares the Order with its line items', () => {
    const [order] = topology.entities;
    const required = (fields: readonly { name: string; required: boolean }[] = []) =>
      fields.filter((field) => field.required).map((field) => field.name);
    expect(topology.entities).toHaveLength(1);
    expect(order).toMatchObject({ name: 'Order', table: 'orders', key: ['order_key'] });
    expect(required(order?.fields)).toEqual([
      'order_key',
      'customer_key',
      'order_status',
      'total_price',
      'order_date',
    ]);
    expect(order?.fields.map(({ name }) => name).slice(5)).toEqual([
      'order_priority',
      'clerk',
      'ship_priority',
      'comment',
    ]);
    expect(order?.derived).toMatchObject([
      { from: 'line_items', table: 'order_line_items', key: ['order_key', 'line_number'] },
    ]);
    expect(required(order?.derived[0]?.fields)).toEqual([
      'line_number',
      'part_key',
      'quantity',
      'extended_price',
    ]);
  });

  it('declares the built-in services and every port', () => {
    expect(topology.services).toMatchObject([
      {
        name: 'api',
        source: { kind: 'builtin', program: 'api' },
        port: { container: 8080, preferred: 8080 },
        health: { kind: 'http', path: '/readyz' },
        publishes: ['messages.ingest.>'],
      },
      {
        name: 'worker',
        source: { kind: 'builtin', program: 'worker' },
        port: { container: 8081, preferred: 8081 },
        health: { kind: 'http', path: '/readyz' },
        publishes: ['messages.dlq.>'],
        subscribes: [],
        works: [{ stream: 'MESSAGES', consumer: 'workers' }],
      },
    ]);
    expect(topology.ports).toEqual([
      { name: 'nats', preferred: 4222 },
      { name: 'nats-monitor', preferred: 8222 },
      { name: 'postgres', preferred: 5432 },
      { name: 'api', preferred: 8080 },
      { name: 'worker', preferred: 8081 },
    ]);
  });

  it('takes official images and names project and environment after the folder', () => {
    expect(topology.nats).toMatchObject({ version: '2.15.1', image: 'nats:2.15.1-alpine' });
    expect(topology.postgres).toMatchObject({ version: '18', image: 'postgres:18-alpine' });
    expect(topology.nodeImage).toBe('node:22-alpine');
    expect({ environmentName, project: topology.project, runtime }).toEqual({
      environmentName: 'shop',
      project: 'shop',
      runtime: 'auto',
    });
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(topology))).toEqual(topology);
  });
});

describe('the pipeline starter', () => {
  it('says exactly what the defaults are', () => {
    const { topology, runtime } = accepted(template);
    expect(topology).toEqual(accepted().topology);
    expect(runtime).toBe('auto');
  });

  it('is valid for the JSON Schema that it refers to, which refuses an unknown key and a size without unit', () => {
    expect(template.split('\n', 1)[0]).toBe(`# yaml-language-server: $schema=./${SCHEMA_FILE}`);
    const schema = z.fromJSONSchema(jsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    expect(schema.safeParse(parseYaml(template).value).error).toBeUndefined();
    expect(schema.safeParse({ nats: { max_file_store: '10G' } }).success).toBe(true);
    expect(schema.safeParse({ nats: { max_file_store: 10 } }).success).toBe(false);
    expect(schema.safeParse({ nats: { max_file_store: '10' } }).success).toBe(false);
    expect(schema.safeParse({ nats: { max_file_stor: '10G' } }).success).toBe(false);
  });

  it('mentions every key of the schema', () => {
    const keys = new Set<string>();
    const collect = (node: unknown): void => {
      if (Array.isArray(node)) node.forEach(collect);
      if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
      const { properties, default: _, ...rest } = node as { properties?: object; default?: unknown };
      for (const [key, inner] of Object.entries(properties ?? {})) {
        keys.add(key);
        collect(inner);
      }
      Object.values(rest).forEach(collect);
    };
    collect(jsonSchema());
    expect(keys.size).toBeGreaterThan(40);
    expect([...keys].filter((key) => !new RegExp(`[\\s{]${key}:`).test(template))).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  it('explains every key', () => {
    const undescribed: string[] = [];
    const check = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, inner] of Object.entries(node)) {
        if (key === 'default') continue;
        if (key === 'properties') {
          for (const [name, property] of Object.entries(inner as object)) {
            const isPort = path === '/properties/ports';
            if (!isPort && !(property as { description?: string }).description)
              undescribed.push(`${path}/${name}`);
            check(property, `${path}/properties/${name}`);
          }
        } else {
          check(inner, `${path}/${key}`);
        }
      }
    };
    check(jsonSchema(), '');
    expect(undescribed).toEqual([]);
  });
});
