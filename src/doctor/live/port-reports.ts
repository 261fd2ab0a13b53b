import type { HeldPort, LiveFacts, MachineFacts, PortHolder, PublishedFacts } from '../facts.ts';
import { known } from './readings.ts';

/** A port of the environment that somebody else holds. */
export interface TakenPort {
  service: string;
  name: string;
  port: number;
  holder: PortHolder;
  /** Whether it is the monitoring port of a nats-server. */
  isMonitor: boolean;
  /** Whether the environment runs, so that the service is without its port now. */
  isLive: boolean;
}

const isMonitor = (name: string): boolean => name.endsWith('-monitor');

/** Ports that services of a running environment should hold and others do. */
export const takenLive = ({ services }: LiveFacts): TakenPort[] =>
  services.flatMap(({ service, ports }) =>
    ports.flatMap(({ name, port, holder }) => {
      const who = known(holder);
      return who == null || who.own
        ? []
        : [{ service, name, port, holder: who, isMonitor: isMonitor(name), isLive: true }];
    }),
  );

/** Ports that an environment would take and others hold. */
export const takenBefore = ({ ports }: MachineFacts): TakenPort[] =>
  ports.flatMap(({ service, name, port, holder }) => {
    const who = known(holder);
    return who == null || who.own
      ? []
      : [{ service, name, port, holder: who, isMonitor: isMonitor(name), isLive: false }];
  });

/** Ports that Compose files publish and others hold. */
export const takenPublished = ({
  ports,
}: PublishedFacts): (Omit<HeldPort, 'holder'> & { holder: PortHolder })[] =>
  ports.flatMap((port) => {
    const who = known(port.holder);
    return who == null || who.own ? [] : [{ ...port, holder: who }];
  });
