import type * as z from 'zod';
import type { entitySettings } from './entity-settings.ts';
import type { consumerSettings, streamSettings } from './stream-settings.ts';

/**
 * The pipeline that devenv brings up when nothing else is declared, written as in devenv.yaml: an HTTP API puts
 * messages into MESSAGES, a worker writes them to Postgres, and what it cannot write ends in MESSAGESDLQ.
 * The two max_bytes leave a third of the default max_file_store free for streams made by hand.
 */
export const SHIPPED_STREAMS: z.input<typeof streamSettings>[] = [
  { name: 'MESSAGES', subjects: ['messages.ingest.>'], max_bytes: '1GiB', max_age: '24h' },
  { name: 'MESSAGESDLQ', subjects: ['messages.dlq.>'], max_bytes: '256MiB', max_age: '7d' },
];

export const SHIPPED_CONSUMERS: z.input<typeof consumerSettings>[] = [
  {
    stream: 'MESSAGES',
    name: 'workers',
    ack_wait: '30s',
    max_deliver: 5,
    backoff: ['500ms', '2s', '5s', '15s'],
  },
];

export const SHIPPED_ENTITIES: z.input<typeof entitySettings>[] = [
  {
    name: 'Order',
    table: 'orders',
    key: ['order_key'],
    fields: {
      order_key: 'text',
      customer_key: 'text',
      order_status: 'text',
      total_price: 'numeric',
      order_date: 'date',
      order_priority: 'text?',
      clerk: 'text?',
      ship_priority: 'integer?',
      comment: 'text?',
    },
    derived: [
      {
        from: 'line_items',
        table: 'order_line_items',
        key: ['order_key', 'line_number'],
        fields: {
          line_number: 'integer',
          part_key: 'text',
          quantity: 'numeric',
          extended_price: 'numeric',
          supplier_key: 'text?',
          discount: 'numeric?',
          tax: 'numeric?',
          return_flag: 'text?',
          line_status: 'text?',
          ship_date: 'date?',
          commit_date: 'date?',
          receipt_date: 'date?',
        },
      },
    ],
  },
];

/** What a built-in program is when its entry says no more than `builtin: api`. */
export const BUILTIN = {
  api: { port: 8080, health: '/readyz', publishes: ['messages.ingest.>'], subscribes: [] },
  worker: {
    port: 8081,
    health: '/readyz',
    publishes: ['messages.dlq.>'],
    /** It works the consumer of the stream that keeps these. */
    subscribes: ['messages.ingest.>'],
  },
} as const;

export const SHIPPED_SERVICES = { api: { builtin: 'api' }, worker: { builtin: 'worker' } } as const;
