import type { ConfDocument, ConfProblem } from '../../nats-conf/document.ts';
import type { ConfFault } from '../../nats-conf/fault.ts';

/** The id of the rule that tells of it; C04 is told by a rule of its own, which reads the same faults. */
export type RefusalKind =
  | 'C01'
  | 'C03'
  | 'C04'
  | 'C05'
  | 'C07'
  | 'C08'
  | 'C09'
  | 'C10'
  | 'C11'
  | 'C12'
  | 'C14'
  | 'C19'
  | 'C20'
  | 'C22'
  | 'C23'
  | 'C27';

/** Which rule a wrong setting belongs to. */
export function kindOfFault(fault: ConfFault): RefusalKind {
  const { code, message, path } = fault;
  switch (code) {
    case 'unknown-field':
      if (fault.since !== undefined) return 'C04';
      // Nothing of nats-server is written in capitals; variables mostly are.
      return path.length === 1 && /^[A-Z][A-Z0-9_]*$/.test(path[0]!) ? 'C10' : 'C01';
    case 'size':
      return 'C03';
    case 'type':
      return kindOfType(fault);
    case 'subject':
      return 'C22';
    case 'name':
      // C23 tells of spaces in all versions.
      return /name cannot contain spaces/.test(message) && path.length < 3 ? 'C23' : 'C27';
    case 'duplicate':
      if (message.includes('store_dir')) return 'C12';
      return /^Duplicate (user|nkey)/i.test(message) ? 'C19' : 'C27';
    case 'conflict':
      return /single user\/pass/.test(message) ? 'C19' : 'C27';
    default:
      return /lame_duck/.test(path.at(-1) ?? '') && code === 'range' ? 'C14' : 'C27';
  }
}

function kindOfType({ wanted = '', entry }: ConfFault): RefusalKind {
  const value = entry?.value;
  if (value?.kind === 'string') return wanted.includes('bytes') ? 'C03' : 'C27';
  const isScalar = value?.kind === 'integer' || value?.kind === 'float' || value?.kind === 'boolean';
  if (!wanted.startsWith('a text') || !isScalar) return 'C27';
  return value.variableFrom === 'environment' ? 'C08' : 'C05';
}

/** Which rule something unreadable belongs to. */
export function kindOfProblem(
  { code, subject = '', span }: ConfProblem,
  document: ConfDocument,
): RefusalKind {
  switch (code) {
    case 'empty':
    case 'bom':
      return 'C20';
    case 'variable-missing':
      return /^2[abxy]\$/.test(subject) ? 'C09' : 'C07';
    case 'variable-cycle':
      return 'C07';
    case 'variable-value':
      return 'C08';
    case 'include-missing':
    case 'include-cycle':
    case 'include-unreadable':
      return 'C11';
    case 'syntax': {
      const line = document.sources.get(span.file)?.split('\n')[span.line - 1] ?? '';
      if (/^\s*include\s*[:=]/i.test(line)) return 'C11';
      return brokenSizeAt(line, span.column) === undefined ? 'C27' : 'C03';
    }
    default:
      return 'C27';
  }
}

/** `1.5GB`, in which the server stops somewhere behind the point. */
export const brokenSizeAt = (line: string, column: number): RegExpExecArray | undefined =>
  [...line.matchAll(/\b(\d+\.\d+)([KMGTP])(i?B|i)?\b/gi)].find(
    ({ index, 0: text }) => column > index + 1 && column <= index + text.length + 1,
  );
