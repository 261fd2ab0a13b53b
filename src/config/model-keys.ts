/** `max_bytes` → `maxBytes` */
type Camel<Key> = Key extends `${infer First}_${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : Key;

/** Settings with their keys as the model spells them; the values stay as they are. */
export const modelKeys = <Settings extends object>(settings: Settings) =>
  Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as { [Key in keyof Settings as Camel<Key> & PropertyKey]: Settings[Key] };
