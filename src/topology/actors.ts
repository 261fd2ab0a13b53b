import type { Role, Topology } from './model.ts';

/** Who does something with subjects: a service, or a declared user with a role of its own. */
export interface Actor {
  kind: 'service' | 'user';
  name: string;
  account: string;
  role: Role;
  /** Of the pipeline that devenv ships. */
  builtin: boolean;
}

/** `service worker`, `user reporting` */
export const actorTitle = ({ kind, name }: Pick<Actor, 'kind' | 'name'>): string => `${kind} ${name}`;

/** Declared users by account, then services, each in the order of declaration. */
export function actorsOf({
  accounts,
  systemAccount,
  services,
}: Pick<Topology, 'accounts' | 'systemAccount' | 'services'>): readonly Actor[] {
  return [
    ...[...accounts, systemAccount].flatMap(({ name: account, users }) =>
      users.map((role): Actor => ({ kind: 'user', name: role.name, account, role, builtin: false })),
    ),
    ...services.map(
      (role): Actor => ({
        kind: 'service',
        name: role.name,
        account: role.account,
        role,
        builtin: role.source.kind === 'builtin',
      }),
    ),
  ];
}
