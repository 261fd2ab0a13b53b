import type { Draft } from './draft.ts';
import { duplicates } from './duplicates.ts';
import type { EntitySettings } from './entity-settings.ts';
import { type Path, type Problem, problem, shown, unknownWord } from './problems.ts';

/** Tables of the pipeline itself. */
const OWN_TABLES = ['message_status', 'pipeline_schema'];

type Fields = EntitySettings['fields'];

export function entityProblems({ entities }: Draft): Problem[] {
  const tables = entities.flatMap(({ key, value }) => [
    { path: ['entities', key, 'table'], word: value.table },
    ...value.derived.map(({ table }, index) => ({
      path: ['entities', key, 'derived', index, 'table'],
      word: table,
    })),
  ]);
  const taken = new Map(OWN_TABLES.map((table) => [JSON.stringify(['', table]), 'the pipeline itself']));
  return [
    ...duplicates(entities.map(({ key, value }) => ({ path: ['entities', key, 'name'], word: value.name }))),
    ...duplicates(tables, taken),
    ...entities.flatMap(({ key, value }) => columnProblems(['entities', key], value)),
  ];
}

function columnProblems(at: Path, entity: EntitySettings): Problem[] {
  const inherited = Object.fromEntries(
    Object.entries(entity.fields).filter(([column]) => entity.key.includes(column)),
  );
  return [
    ...keyProblems([...at, 'key'], entity.key, entity.fields),
    ...duplicates(
      entity.derived.map(({ from }, index) => ({ path: [...at, 'derived', index, 'from'], word: from })),
    ),
    ...entity.derived.flatMap((derived, index): Problem[] => {
      const below = [...at, 'derived', index];
      const missing = entity.key.filter((column) => !derived.key.includes(column));
      return [
        ...(missing.length === 0
          ? []
          : [
              problem(
                [...below, 'key'],
                `lacks ${missing.join(', ')}: the parent's key has to be part of it`,
              ),
            ]),
        ...keyProblems([...below, 'key'], derived.key, { ...derived.fields, ...inherited }, entity.key),
        ...Object.keys(derived.fields)
          .filter((column) => entity.key.includes(column))
          .map((column) =>
            problem(
              [...below, 'fields', column],
              "is the parent's key, which is copied into every row; leave it out here",
              'key',
            ),
          ),
        ...(Object.hasOwn(entity.fields, derived.from)
          ? [problem([...below, 'from'], `${shown(derived.from)} is already a field of ${entity.name}`)]
          : []),
      ];
    }),
  ];
}

/** A key is made of declared, required columns; `elsewhere` names those that are judged where they are declared. */
function keyProblems(
  at: Path,
  key: readonly string[],
  fields: Fields,
  elsewhere: readonly string[] = [],
): Problem[] {
  return key.flatMap((column, index): Problem[] => {
    const path = [...at, index];
    if (key.indexOf(column) !== index) return [problem(path, `${shown(column)} is in the key twice`)];
    if (elsewhere.includes(column)) return [];
    const field = Object.hasOwn(fields, column) ? fields[column] : undefined;
    if (field === undefined) {
      return [problem(path, unknownWord(`no field is called ${shown(column)}`, column, Object.keys(fields)))];
    }
    if (!field.required) {
      return [problem(path, `${shown(column)} is optional; rows without it could not be told apart`)];
    }
    if (field.type === 'json') return [problem(path, `${shown(column)} is json, which cannot be compared`)];
    return [];
  });
}
