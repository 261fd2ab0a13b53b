/** The shipped declaration: an Order with its line items. In the shape of ENTITIES. */
const field = (name: string, type: string, required = false) => ({ name, type, required });

export const ORDER_ENTITY = {
  name: 'Order',
  table: 'orders',
  key: ['order_key'],
  fields: [
    field('order_key', 'text', true),
    field('customer_key', 'text', true),
    field('order_status', 'text', true),
    field('total_price', 'numeric', true),
    field('order_date', 'date', true),
    field('order_priority', 'text'),
    field('clerk', 'text'),
    field('ship_priority', 'integer'),
    field('comment', 'text'),
  ],
  derived: [
    {
      from: 'line_items',
      table: 'order_line_items',
      key: ['order_key', 'line_number'],
      fields: [
        field('line_number', 'integer', true),
        field('part_key', 'text', true),
        field('quantity', 'numeric', true),
        field('extended_price', 'numeric', true),
        field('supplier_key', 'text'),
        field('discount', 'numeric'),
        field('tax', 'numeric'),
        field('return_flag', 'text'),
        field('line_status', 'text'),
        field('ship_date', 'date'),
        field('commit_date', 'date'),
        field('receipt_date', 'date'),
      ],
    },
  ],
};

/** The acceptance story's Order with another key. */
export const someOrder = (key: string, changes: Record<string, unknown> = {}) => ({
  entity_type: 'Order',
  order_key: key,
  customer_key: 'CUST-001',
  order_status: 'O',
  total_price: 1500.5,
  order_date: '2025-11-13',
  clerk: 'Clerk#7',
  line_items: [
    { line_number: 1, part_key: 'PART-001', quantity: 2, extended_price: 1000.25, discount: 0.05 },
    { line_number: 2, part_key: 'PART-002', quantity: 1, extended_price: 500.25 },
  ],
  ...changes,
});
