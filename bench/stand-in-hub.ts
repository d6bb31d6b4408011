// The nine services that stand in for the hub: how long each takes to become ready, what it waits for, and the
// health-check interval the old hub gave it.

export interface StandIn {
  readonly name: string;
  readonly readyS: number;
  readonly shippedIntervalS: number;
  readonly after: readonly string[];
}

export const HUB: readonly StandIn[] = [
  { name: 'postgres', readyS: 2, shippedIntervalS: 5, after: [] },
  { name: 'mongodb', readyS: 3, shippedIntervalS: 10, after: [] },
  { name: 'redis', readyS: 0.5, shippedIntervalS: 3, after: [] },
  { name: 'opa', readyS: 0.5, shippedIntervalS: 3, after: [] },
  { name: 'opal', readyS: 2, shippedIntervalS: 5, after: [] },
  { name: 'keycloak', readyS: 8, shippedIntervalS: 5, after: ['postgres'] },
  { name: 'kas', readyS: 2, shippedIntervalS: 5, after: ['opa', 'mongodb', 'redis'] },
  { name: 'backend', readyS: 3, shippedIntervalS: 30, after: ['keycloak', 'mongodb', 'redis', 'opa'] },
  { name: 'frontend', readyS: 2, shippedIntervalS: 5, after: ['keycloak', 'backend'] },
];
