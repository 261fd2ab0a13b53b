import type { ConfDocument } from '../document.ts';
import { advertisedRefusals } from './advertised.ts';
import { compressionRefusals } from './compression.ts';
import { gatewayRefusals, pinnedAccountRefusals } from './gateways.ts';
import { jetstreamRefusals } from './jetstream.ts';
import { leafRefusals } from './leafs.ts';
import { listenerRefusals } from './listeners.ts';
import { monitoringRefusals } from './monitoring.ts';
import { operatorRefusals } from './operators.ts';
import { type StartFlags, type StartRefusal, startedConf } from './started-conf.ts';
import { mqttRefusals, websocketRefusals } from './web-and-mqtt.ts';

export type { StartRefusal } from './started-conf.ts';

/**
 * What a server of that version refuses at start although `-t` passes it, as far as the file alone tells: `validateOptions`
 * in its `server/server.go`, and what listeners and JetStream say. What other rules know by name (C13, C15, C21, C23, C25,
 * C26) is left to them. Pure; the order is that of the server.
 */
export function startRefusals(
  document: ConfDocument,
  version: string,
  flags: StartFlags,
): readonly StartRefusal[] {
  const started = startedConf(document, version, flags);
  const checks = [
    operatorRefusals,
    leafRefusals,
    compressionRefusals,
    gatewayRefusals,
    pinnedAccountRefusals,
    mqttRefusals,
    jetstreamRefusals,
    websocketRefusals,
    monitoringRefusals,
    advertisedRefusals,
    listenerRefusals,
  ];
  return checks.flatMap((check) => [...check(started)]);
}
