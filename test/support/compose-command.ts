// The Compose command that tests call: DIVE_COMPOSE, or the plugin of the machine.
export function composeCommand(): string[] {
  const named = process.env['DIVE_COMPOSE'];
  return named === undefined || named === '' ? ['docker', 'compose'] : [named];
}
