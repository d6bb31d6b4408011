// The throw-away project of the demonstration: a cache that takes a moment, and what needs it.

export interface DemoFiles {
  readonly name: string;
  readonly image: string;
  /** Shell command of `web`. */
  readonly web: string;
}

export const WORKS = 'touch /tmp/ready; exec sleep 3600';
export const BROKEN = 'echo "cannot read its settings"; exit 3';

export function demoCompose({ name, image, web }: DemoFiles): string {
  const service = (command: string, more: string): string => `
    image: ${image}
    entrypoint: [sh, -c]
    command: [${JSON.stringify(command)}]
    stop_signal: SIGKILL
    healthcheck: { test: [CMD, test, -f, /tmp/ready], interval: 1s, retries: 30 }${more}`;
  return `name: ${name}
services:
  cache:${service(`sleep 2; ${WORKS}`, '\n    volumes: [state:/state]')}
  web:${service(web, '\n    depends_on: { cache: { condition: service_healthy } }')}
volumes: { state: {} }
`;
}
