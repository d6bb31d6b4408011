// Level 4 for PostgreSQL: it really writes and reads, and leaves nothing behind.
import { duration, evidence, execEvidence, lastLine } from './evidence.ts';
import { type Functional, imageName } from './functional.ts';

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

export const postgres: Functional<object> = {
  timeoutMs: 5000,
  description: () => 'writes and reads a row, rolled back',
  isImage: (reference) => imageName(reference) === 'postgres',
  programs: ['postgres'],
  ask: async (_options, timeoutMs, target) => {
    const begun = performance.now();
    const answer = await target.exec(POSTGRES_ARGV, { timeoutMs });
    const took = duration(performance.now() - begun);
    if (answer.kind !== 'exited' || answer.exitCode !== 0) {
      return { level: 4, ok: false, evidence: execEvidence(answer, timeoutMs) };
    }
    const said = lastLine(answer.output);
    if (said === '42') return { level: 4, ok: true, evidence: `wrote and read a row in ${took}` };
    if (said === 'standby') return { level: 3, ok: true, evidence: `a standby, answers in ${took}` };
    return { level: 4, ok: false, evidence: evidence(`wrote 42, read "${said}"`) };
  },
};
