import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Imports run one way. Each list is an order: a layer may import those before it, never those behind it.
 * The dashboard's and the simulator's orders are short; the api's is the one that a tap walks through.
 */
const orders = {
  api: ['config', 'domain', 'db', 'mqtt', 'authority', 'gate', 'notify', 'usecases', 'http', 'metrics', 'cluster', 'app', 'main'],
  dashboard: ['design', 'api', 'state', 'views', 'main'],
  simulator: ['device', 'ether', 'control', 'main'],
  gate: ['tls', 'refusals', 'relay', 'config', 'main'],
  authority: ['config', 'pki', 'broker', 'http', 'timer', 'main'],
  doctor: ['config', 'finding', 'probe', 'checks', 'report', 'main'],
  updater: ['problem', 'firmware', 'store', 'line', 'progress', 'send', 'main'],
};

/** What lies outside the API: none of these may know another. */
const strangers = { 'api/db': ['mqtt'], 'api/mqtt': ['db'], 'api/authority': ['db', 'mqtt'], 'api/gate': ['db', 'mqtt', 'authority'],
  'api/notify': ['db', 'mqtt', 'authority', 'gate'] };

const oneWay = Object.entries(orders).flatMap(([service, layers]) =>
  layers.map((layer, at) => {
    const forbidden = new Set([...layers.slice(at + 1), ...(strangers[`${service}/${layer}`] ?? [])]);
    return {
      files: [`${service}/src/${layer}.{ts,tsx}`, `${service}/src/${layer}/**/*.{ts,tsx}`],
      rules: {
        'no-restricted-imports': ['error', {
          patterns: [
            ...[...forbidden].map((name) => ({
              regex: `^\\.{1,2}/(.*/)?${name}(\\.tsx?$|/)`,
              message: `${service}/${layer} must not import ${service}/${name}: imports run ${layers.join(' → ')}.`,
            })),
            outside(service),
          ],
        }],
      },
    };
  }));

/** A service speaks to another through the protocol or over the wire, never by importing it. */
function outside(service) {
  return {
    regex: `^(@sconce/(?!protocol/)|(\\.\\./)+(?!${service}/)(api|gate|authority|doctor|dashboard|simulator|acceptance|updater|protocol)/src/)`,
    message: 'Services share @sconce/protocol and nothing else.',
  };
}

export default defineConfig(
  { ignores: ['**/node_modules/', '**/dist/', '**/.tap/'] },
  { files: ['**/*.{ts,tsx}'], extends: [tseslint.configs.strict], rules: {
    '@typescript-eslint/consistent-type-imports': 'error',
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    // `NonNullable!` is how a test says "the line before proved it"; src has no excuse.
    '@typescript-eslint/no-non-null-assertion': 'off',
    '@typescript-eslint/no-invalid-void-type': 'off',
    'no-console': 'error',
    eqeqeq: ['error', 'always', { null: 'ignore' }],
  } },
  { files: ['*/src/**/*.{ts,tsx}'], rules: { '@typescript-eslint/no-non-null-assertion': 'error' } },
  { files: ['**/src/**/*.{ts,tsx}'], languageOptions: { parserOptions: { projectService: true } }, rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],
  } },
  { files: ['protocol/src/**'], rules: { 'no-restricted-imports': ['error', { patterns: [{
    regex: '^(?!zod$|\\./)', message: 'The protocol imports zod and its own files only: both ends must be able to load it.' }] }] } },
  { files: ['api/src/**'], ignores: ['api/src/config.ts', 'api/src/main.ts', 'api/src/healthy.ts'], rules: { 'no-restricted-properties': ['error',
    { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' }] } },
  ...oneWay,
  // Programs that people start from a terminal speak to it.
  { files: ['**/main.ts', 'api/src/healthy.ts', '**/tools/*.ts', 'acceptance/src/**'], rules: { 'no-console': 'off' } },
);
