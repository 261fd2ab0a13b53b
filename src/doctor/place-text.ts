import type { Place } from './finding.ts';

/** `devenv.yaml:12:5`, `stream MESSAGES`. */
export const placeText = (place: Place): string =>
  place.kind === 'file' ? `${place.file}:${place.line}:${place.column}` : place.object;
