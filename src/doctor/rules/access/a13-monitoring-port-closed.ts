import { addresses } from '../../compose/addresses.ts';
import { mapAt } from '../../compose/yaml-parts.ts';
import { natsChartValues } from '../../kubernetes/helm-values.ts';
import { defineRule } from '../../rule.ts';

/** A13: the server monitors, the Service in front of it does not let anybody ask. */
export const a13MonitoringPortClosed = defineRule({
  id: 'A13',
  title: 'monitoring port closed on the Service of the Helm chart',
  severity: 'warning',
  meaning:
    'The values of the NATS chart (1.x) leave the monitoring port closed on the Service, and something asks it.',
  cause:
    'From 1.0 on the chart opens only the client port on the Service nats; monitoring listens in the pods and is left out of the Service, where charts before 1.0 had it. KEDA, a ServiceMonitor or kubectl port-forward svc/nats 8222 then find the port closed.',
  fix: 'Write service: { ports: { monitor: { enabled: true } } } into the values, or ask the headless service (nats-headless), which has the port.',
  symptoms: [
    'dial tcp: connect: connection refused',
    'error: Service nats does not have a service port 8222',
  ],
  matches: [/does not have a service port 8222/],
  *static(facts) {
    const asked = [...addresses(facts)].find(
      ({ port, host, scheme }) => port === 8222 && /^https?$/.test(scheme) && /^[\w-]*nats(\.|$)/.test(host),
    );
    for (const yaml of facts.manifests) {
      const found = natsChartValues(yaml.value);
      if (found === undefined) continue;
      const { values, path } = found;
      if (mapAt(values, 'service', 'ports', 'monitor')?.enabled === true) continue;
      // Switched off altogether: then there is nothing to open.
      if (mapAt(values, 'config', 'monitor')?.enabled === false && asked === undefined) continue;
      const at = yaml.place([...path, 'service', 'ports', 'monitor', 'enabled']);
      const isGiven = mapAt(values, 'service') !== undefined;
      yield {
        place: isGiven ? at : yaml.place([...path, 'config'], 'key'),
        severity: asked === undefined ? 'note' : 'error',
        cause:
          asked === undefined
            ? 'The Service of the chart does not open port 8222, so nothing outside of the pods can ask for metrics or lag.'
            : `The Service of the chart does not open port 8222, and ${asked.key} asks ${asked.text}.`,
        fix: 'Write service: { ports: { monitor: { enabled: true } } } into the values.',
      };
    }
  },
});
