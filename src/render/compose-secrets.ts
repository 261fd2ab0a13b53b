import { type Deployment, POSTGRES_SERVICE } from '../topology/deployment.ts';
import type { Service } from '../topology/model.ts';
import { renderDotenv } from './dotenv.ts';
import { databaseUrl, natsVariables, SECRET_VARIABLES, serviceEnvironment } from './environment.ts';
import type { RenderedFile } from './rendered-file.ts';

/** Credentials stand in env files, one for each service, so that none of them sees those of another. */
export const secretFileOf = (service: string): string =>
  service === POSTGRES_SERVICE ? '.env' : `env/${service}.env`;

/** Each env file of a deployment, readable by its owner only. `whose` stands in the heading. */
export function secretFiles(deployment: Deployment, whose: string): RenderedFile[] {
  const { services } = deployment.topology;
  return [
    secretFile(POSTGRES_SERVICE, databaseVariables(deployment), whose),
    ...services.map((service) => secretFile(service.name, secretVariables(deployment, service), whose)),
  ];
}

export const secretFile = (
  service: string,
  variables: Readonly<Record<string, string>>,
  whose: string,
): RenderedFile => ({
  path: secretFileOf(service),
  mode: 0o600,
  content: renderDotenv(variables, `Credentials of ${service}, ${whose}.`),
});

/** What a service gets beside its env file: everything that is no credential, or that the user set otherwise. */
export function openVariables(deployment: Deployment, service: Service): Record<string, string> {
  const secret = secretVariables(deployment, service);
  return Object.fromEntries(
    Object.entries(serviceEnvironment(deployment, service)).filter(([name, value]) => secret[name] !== value),
  );
}

/** What a one-shot program that makes tables, or streams as one user, gets: credentials apart from the rest. */
export const databaseAccess = (deployment: Deployment): Record<string, string> => ({
  DATABASE_URL: databaseUrl(deployment, 'inside'),
});

export function natsAccessOf(deployment: Deployment, user: string) {
  return split(natsVariables(deployment, user, 'inside'));
}

const databaseVariables = ({ secrets, topology }: Deployment): Record<string, string> => ({
  POSTGRES_USER: secrets.postgres.user,
  POSTGRES_PASSWORD: secrets.postgres.password,
  POSTGRES_DB: topology.postgres.database,
});

const secretVariables = (deployment: Deployment, service: Service): Record<string, string> =>
  split(serviceEnvironment(deployment, { ...service, environment: {} })).secret;

function split(variables: Readonly<Record<string, string>>) {
  const isSecret = ([name]: [string, string]) => SECRET_VARIABLES.some((secret) => secret === name);
  const entries = Object.entries(variables);
  return {
    secret: Object.fromEntries(entries.filter(isSecret)),
    open: Object.fromEntries(entries.filter((entry) => !isSecret(entry))),
  };
}
