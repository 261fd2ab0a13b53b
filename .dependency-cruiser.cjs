/** The walls of ARCHITECTURE.md. Each rule's comment is what the build prints when it is broken. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, '^src/errors\\.ts$', '^src/events\\.ts$', ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Imports run one way.',
      from: {},
      to: { circular: true },
    },
    only('topology-is-the-floor', '^src/topology/', [], 'topology/ imports nothing but itself.'),
    only('config-knows-topology', '^src/config/', ['^src/topology/'], 'config/ imports only topology/.'),
    only(
      'render-is-pure',
      '^src/render/',
      ['^src/topology/', '^src/config/'],
      'render/ imports only topology/ and config/.',
    ),
    only(
      'adapters-stand-alone',
      '^src/adapters/',
      ['^src/topology/'],
      'adapters/ know the model and the outside world.',
    ),
    only(
      'probes',
      '^src/probes/',
      ['^src/topology/', '^src/adapters/', '^src/runtime/runtime\\.ts$'],
      'probes/ reach the world through adapters.',
    ),
    only(
      'runtime',
      '^src/runtime/',
      ['^src/topology/', '^src/render/', '^src/adapters/', '^src/config/'],
      'runtime/ knows what it runs, not who asks.',
    ),
    only(
      'runtimes-are-strangers',
      '^src/runtime/docker/',
      ['^src/topology/', '^src/render/', '^src/adapters/', '^src/config/', '^src/runtime/runtime\\.ts$'],
      'The docker runtime never imports the process runtime.',
    ),
    only(
      'runtimes-are-strangers-2',
      '^src/runtime/process/',
      ['^src/topology/', '^src/render/', '^src/adapters/', '^src/config/', '^src/runtime/runtime\\.ts$'],
      'The process runtime never imports the docker runtime.',
    ),
    only(
      'ui-knows-events-only',
      '^src/ui/',
      ['^src/engine/engine\\.ts$', '^src/probes/probe\\.ts$', '^src/runtime/runtime\\.ts$', '^src/topology/'],
      'ui/ renders events and results and decides nothing.',
    ),
    {
      name: 'engine-sees-interfaces',
      comment: 'engine/ sees runtimes and adapters as types only; composition.ts wires the real ones.',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/(runtime|adapters)/', dependencyTypesNot: ['type-only'] },
    },
    only('pipeline-is-an-island', '^src/pipeline/', [], 'pipeline/ imports nothing from the rest.'),
    {
      name: 'nobody-imports-pipeline',
      severity: 'error',
      comment: 'pipeline/ is known by its environment only.',
      from: { pathNot: '^src/pipeline/' },
      to: { path: '^src/pipeline/' },
    },
    {
      name: 'one-command-alone',
      severity: 'error',
      comment: 'One command never imports another.',
      from: { path: '^src/commands/([^/]+)\\.ts$', pathNot: '^src/commands/index\\.ts$' },
      to: { path: '^src/commands/', pathNot: '^src/commands/(command|context)\\.ts$' },
    },
    {
      name: 'pure-rooms-do-no-io',
      severity: 'error',
      comment: 'topology/ and render/ are pure.',
      from: { path: '^src/(topology|render)/' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|dgram|tls|os)(/|$)' },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      comment: 'src/ runs on dependencies, not on devDependencies.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-unlisted',
      severity: 'error',
      comment: 'Every package is in package.json.',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
