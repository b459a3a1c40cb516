/** The layer rules of the house; each message names what to use instead. */
const only = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
})

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'shared-stands-alone',
      severity: 'error',
      comment: 'shared/ imports itself, zod, @orpc/contract and libphonenumber-js: pass anything else in.',
      from: { path: '^shared' },
      to: {
        pathNot: [
          '^shared',
          'node_modules/zod/',
          'node_modules/@orpc/contract/',
          'node_modules/libphonenumber-js/',
        ],
      },
    },
    only(
      'page-meets-core-in-shared',
      '^renderer',
      '^(electron|exchange|central)',
      'The page reaches the core through renderer/bridge.',
    ),
    only(
      'core-meets-page-in-shared',
      '^electron',
      '^(renderer|exchange|central)',
      'Types that both need belong in shared/.',
    ),
    only(
      'exchange-stands-alone',
      '^(exchange|central)',
      '^(renderer|electron)',
      'exchange/ and central/ import only shared/.',
    ),
    only('centre-without-exchange', '^central', '^exchange', 'central/ imports only shared/.'),
    only('exchange-without-centre', '^exchange', '^central', 'exchange/ imports only shared/.'),
    {
      name: 'database-only-in-storage',
      severity: 'error',
      comment: 'Take an Sql from central/storage/sql.ts instead.',
      from: { path: '^central', pathNot: '^central/storage/(postgres|postgres-listener|pglite)\\.ts$' },
      to: { path: 'node_modules/(pg|@electric-sql/pglite)/' },
    },
    {
      name: 'http-only-around-the-centre',
      severity: 'error',
      comment: 'The centre works without HTTP: the simulation calls it directly.',
      from: { path: '^central/', pathNot: '^central/(http/|main\\.ts)' },
      to: { path: '^central/http/' },
    },
    {
      name: 'electron-only-in-its-shell',
      severity: 'error',
      comment:
        'The core and the loopback shell never import electron: give them what they need from electron/main.',
      from: { pathNot: '^(electron/main|electron/preload|tests/support/electron-runtime)' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'sqlite-only-in-storage',
      severity: 'error',
      comment: 'Take a Database from electron/core/storage instead.',
      from: { pathNot: '^electron/core/storage/database\\.ts$' },
      to: { path: 'node_modules/better-sqlite3-multiple-ciphers/' },
    },
    {
      name: 'migrations-import-nothing',
      severity: 'error',
      comment: 'A migration must mean the same for ever: write its SQL out.',
      from: { path: '^electron/core/storage/migrations/\\d' },
      to: { path: '.' },
    },
    {
      name: 'one-importer-of-sip',
      severity: 'error',
      comment: 'Use the Phone of renderer/phone/phone.ts.',
      from: { pathNot: '^(renderer/phone/sip|tests/bench/peers)/' },
      to: { path: 'node_modules/sip\\.js/' },
    },
    {
      name: 'features-do-not-meet',
      severity: 'error',
      comment: 'Features meet in renderer/app.',
      from: { path: '^renderer/features/([^/]+)/' },
      to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    },
    only(
      'lower-layers-know-no-features',
      '^renderer/(ui|bridge|phone)',
      '^renderer/(features|app)',
      'Pass it in as a prop.',
    ),
    {
      name: 'core-never-imports-shells',
      severity: 'error',
      comment: 'The core speaks to its shell in the messages of shared/contract/core-host.ts.',
      from: { path: '^electron/core/' },
      to: { path: '^electron/(main|preload|loopback|core-host)/' },
    },
    only(
      'core-domains-do-not-reach-up',
      '^electron/core/(storage|audit|sync)/',
      '^electron/core/(rpc|cases|calls|identity|settings)/',
      'They meet in core.ts and rpc/.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
