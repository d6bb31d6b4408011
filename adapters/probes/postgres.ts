// Level 4 for PostgreSQL: it really writes and reads, and leaves nothing behind.
import { Client } from 'pg';
import { duration, evidence, execEvidence, lastLine } from './evidence.ts';
import { type Functional, imageName } from './functional.ts';
import { type Outside, isSet } from './outside.ts';

/**
 * With the container's own credentials, over TCP: while the official image initialises, a temporary server answers on
 * the socket only. By the container's name first: the image trusts loopback, where every password is right. Where the
 * server listens on loopback alone, or lets nobody in from elsewhere, that is asked instead. A standby cannot write;
 * that it answers is all that can be asked of it.
 */
const SCRIPT = `
user="\${POSTGRES_USER:-postgres}"
if [ -n "\${POSTGRES_PASSWORD_FILE:-}" ]; then PGPASSWORD="$(cat "$POSTGRES_PASSWORD_FILE")"; else PGPASSWORD="\${POSTGRES_PASSWORD:-}"; fi
export PGPASSWORD PGCONNECT_TIMEOUT=3
ask() {
  psql -X -q -t -A -v ON_ERROR_STOP=1 -h "$1" -U "$user" -d "\${POSTGRES_DB:-$user}" 2>&1 <<'SQL'
select pg_is_in_recovery() as standby \\gset
\\if :standby
select 'standby';
\\else
begin;
create temporary table dive_probe (n int) on commit drop;
insert into dive_probe values (42);
select n from dive_probe;
rollback;
\\endif
SQL
}
said="$(ask "$(hostname)")" && { echo "$said"; exit 0; }
case "$said" in
  *refused*|*'could not translate'*|*'no pg_hba.conf entry'*|*'fe_sendauth: no password'*) ask 127.0.0.1 ;;
  *) echo "$said"; exit 2 ;;
esac
`;

export const POSTGRES_ARGV: readonly string[] = ['/bin/sh', '-c', SCRIPT];

const DID = 'wrote and read a row';
const QUESTION = `
begin; create temporary table dive_probe (n int) on commit drop;
insert into dive_probe values (42); select n from dive_probe; rollback`;

const outside: Outside<object> = {
  did: DID,
  // With a password in a file, or none, only the container itself can ask.
  port: (env) => (isSet(env['POSTGRES_PASSWORD']) ? Number(env['PGPORT'] ?? 5432) : undefined),
  works: async (address, env, _options, signal) => {
    const { POSTGRES_USER, POSTGRES_DB, POSTGRES_PASSWORD: password } = env;
    const user = isSet(POSTGRES_USER) ? POSTGRES_USER : 'postgres';
    const database = isSet(POSTGRES_DB) ? POSTGRES_DB : user;
    const client = new Client({ ...address, user, database, password, ssl: false, application_name: 'dive' });
    // One that breaks is told by the question; without a listener it would end the process.
    client.on('error', () => undefined);
    const cut = (): void => void client.connection.stream.destroy();
    signal.addEventListener('abort', cut, { once: true });
    try {
      await client.connect();
      const answers: unknown = await client.query(QUESTION);
      await client.end();
      return Array.isArray(answers) && answers.some(({ rows }) => rows[0]?.n === 42);
    } finally {
      signal.removeEventListener('abort', cut);
      cut();
    }
  },
};

export const postgres: Functional<object> = {
  timeoutMs: 5000,
  description: () => 'writes and reads a row, rolled back',
  isImage: (reference) => imageName(reference) === 'postgres',
  programs: ['postgres'],
  outside,
  ask: async (_options, timeoutMs, target) => {
    const begun = performance.now();
    const answer = await target.exec(POSTGRES_ARGV, { timeoutMs });
    const took = duration(performance.now() - begun);
    if (answer.kind !== 'exited' || answer.exitCode !== 0) {
      return { level: 4, ok: false, evidence: execEvidence(answer, timeoutMs) };
    }
    const said = lastLine(answer.output);
    if (said === '42') return { level: 4, ok: true, evidence: `${DID} in ${took}` };
    if (said === 'standby') return { level: 3, ok: true, evidence: `a standby, answers in ${took}` };
    return { level: 4, ok: false, evidence: evidence(`wrote 42, read "${said}"`) };
  },
};
