import type { Rule } from './rule.ts';
import { accessRules } from './rules/access.ts';
import { configurationRules } from './rules/configuration.ts';
import { consumersRules } from './rules/consumers.ts';
import { environmentRules } from './rules/environment.ts';
import { resourcesRules } from './rules/resources.ts';
import { streamsRules } from './rules/streams.ts';

/** One letter of the catalogue: what its rules are about, in their order. */
export interface RuleArea {
  letter: string;
  title: string;
  rules: readonly Rule[];
}

export const RULE_AREAS: readonly RuleArea[] = [
  { letter: 'C', title: 'Configuration and start', rules: configurationRules },
  { letter: 'E', title: 'Environment', rules: environmentRules },
  { letter: 'R', title: 'Resources', rules: resourcesRules },
  { letter: 'S', title: 'Streams and subjects', rules: streamsRules },
  { letter: 'K', title: 'Consumers and workers', rules: consumersRules },
  { letter: 'A', title: 'Access', rules: accessRules },
];

/** The whole catalogue, by area and id. */
export const RULES: readonly Rule[] = RULE_AREAS.flatMap(({ rules }) => rules);

export const ruleOf = (id: string): Rule | undefined =>
  RULES.find((rule) => rule.id === id.trim().toUpperCase());
