import { Composer, type Document, type LineCounter, Parser } from 'yaml';

type ParsedDocument = Document.Parsed;

/**
 * How much is read: keys, values, punctuation and line ends count one each. That is some 70,000 lines, and takes a few
 * seconds; files beyond it are no configuration that somebody wrote.
 */
export const MOST_YAML_PARTS = 500_000;
/** Each is composed on its own, which takes about as long. */
const PARTS_OF_A_DOCUMENT = 30;
/** Deeper than anything sensible, and far from where the yaml package runs out of call stack. */
const MOST_OPEN = 1_000;

/** Where the reading of a text was given up, and why. */
export class YamlLimitError extends Error {
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'YamlLimitError';
    this.offset = offset;
  }
}

/** Looked at part by part, because the package reads the whole of a text before it says anything. */
class LimitedParser extends Parser {
  private parts = 0;

  override *next(source: string): ReturnType<Parser['next']> {
    this.parts += source === '---' ? PARTS_OF_A_DOCUMENT : 1;
    if (this.parts > MOST_YAML_PARTS)
      throw new YamlLimitError(
        `from here on there is too much to be read (more than ${MOST_YAML_PARTS} keys, values and line ends)`,
        this.offset,
      );
    if (this.stack.length > MOST_OPEN)
      throw new YamlLimitError('is nested too deeply to be read', this.offset);
    yield* super.next(source);
  }
}

/**
 * The documents of a text, as `parseAllDocuments` reads them. Throws YamlLimitError for what would take minutes, and
 * whatever the yaml package throws. With `single` there is always one, even of an empty text.
 */
export function composeYaml(
  text: string,
  options: ConstructorParameters<typeof Composer>[0] & { lineCounter: LineCounter },
  { single = false } = {},
): ParsedDocument[] {
  const parser = new LimitedParser(options.lineCounter.addNewLine);
  const composer = new Composer(options);
  const documents = composer.compose(parser.parse(text), single, single ? text.length : -1);
  return [...documents] as ParsedDocument[];
}
