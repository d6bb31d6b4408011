// The SDK's configuration file, as far as it says whether a Temporal is named: the rest of it is read by the SDK itself.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface NamedTemporal {
  readonly address?: string;
  readonly namespace?: string;
}

function configFile(env: NodeJS.ProcessEnv): string {
  if (env.TEMPORAL_CONFIG_FILE) return env.TEMPORAL_CONFIG_FILE;
  const mac = process.platform === 'darwin' ? join(homedir(), 'Library', 'Application Support') : undefined;
  return join(env.XDG_CONFIG_HOME || (mac ?? join(homedir(), '.config')), 'temporalio', 'temporal.toml');
}

/** Address and namespace of the chosen profile in a TOML text: plain strings of its own table, nothing below it. */
export function profileIn(toml: string, profile: string): NamedTemporal {
  const found: Record<string, string> = {};
  let inside = false;
  for (const line of toml.split('\n').map((l) => l.trim())) {
    const table = line.match(/^\[\s*(?:profile|"profile")\s*\.\s*"?([^"\].]+?)"?\s*\]/);
    if (table) inside = table[1] === profile;
    else if (line.startsWith('[')) inside = false;
    const pair = line.match(/^"?(address|namespace)"?\s*=\s*(?:"([^"]*)"|'([^']*)')/);
    if (inside && pair?.[1]) found[pair[1]] = pair[2] ?? pair[3] ?? '';
  }
  return {
    ...(found['address'] ? { address: found['address'] } : {}),
    ...(found['namespace'] ? { namespace: found['namespace'] } : {}),
  };
}

/** The Temporal that the environment names, or its configuration file; nothing when neither does. */
export function namedTemporal(env: NodeJS.ProcessEnv): NamedTemporal {
  let profile: NamedTemporal = {};
  try {
    profile = profileIn(readFileSync(configFile(env), 'utf8'), env.TEMPORAL_PROFILE || 'default');
  } catch {
    // no file: the usual case
  }
  return {
    ...profile,
    ...(env.TEMPORAL_ADDRESS ? { address: env.TEMPORAL_ADDRESS } : {}),
    ...(env.TEMPORAL_NAMESPACE ? { namespace: env.TEMPORAL_NAMESPACE } : {}),
  };
}
