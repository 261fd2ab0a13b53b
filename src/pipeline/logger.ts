import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout. Written synchronously: the last line before an exit is the one that is needed. */
export const createLogger = (program: string, level: string): Logger =>
  pino(
    {
      level,
      base: { program },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 1, sync: true }),
  );
