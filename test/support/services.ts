// Small services for Compose files of tests, as YAML under `services:`.
import { TEST_IMAGE } from './test-image.ts';

interface ServiceOptions {
  /** Shell command; the default becomes ready at once. */
  readonly run?: string;
  /** Shell command of the health check; absent: none. */
  readonly check?: string;
  readonly image?: string;
  readonly after?: Readonly<Record<string, string>>;
  /** More lines, without indentation. */
  readonly more?: readonly string[];
}

export const READY = 'touch /tmp/ready; exec sleep 3600';
export const IS_READY = 'test -f /tmp/ready';

export function service(name: string, options: ServiceOptions = {}): string {
  const { run = READY, check, image = TEST_IMAGE, after = {}, more = [] } = options;
  const dependencies = Object.entries(after).map(([of, condition]) => `${of}: { condition: ${condition} }`);
  const lines = [
    `image: ${image}`,
    `command: ${JSON.stringify(['sh', '-c', run])}`,
    // A shell as first process ignores SIGTERM: waiting for that is nobody's test.
    'stop_signal: SIGKILL',
    'labels: { dive.test: end-to-end }',
    ...(check === undefined
      ? []
      : [`healthcheck: { test: ${JSON.stringify(['CMD-SHELL', check])}, interval: 1s, retries: 3 }`]),
    ...(dependencies.length === 0 ? [] : [`depends_on: { ${dependencies.join(', ')} }`]),
    ...more,
  ];
  return [`  ${name}:`, ...lines.map((l) => `    ${l}`)].join('\n');
}

export const services = (...all: string[]): string => all.join('\n');
