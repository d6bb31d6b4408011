// The proof of the translation: for every fixture `docker inspect` after the real `docker compose create` equals
// `docker inspect` after ours. Not compared, because Compose itself gives them no fixed value or order: ids, times,
// addresses and pools the engine picks, the order of lists made from maps, our own labels.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { resolveProject } from '../../adapters/compose/resolve.ts';
import { compareFixture, readFixture } from '../compare/compare-fixture.ts';
import { compareUploads } from '../compare/compare-uploads.ts';
import type { Engine } from '../compare/compare-project.ts';
import { composeCommand } from '../support/compose-command.ts';
import { startSecondEngine, type SecondEngine } from '../support/second-engine.ts';
import { importStandIn } from '../support/stand-in-image.ts';

const FIXTURES = path.resolve(__dirname, '../fixtures/compose');
/** By the major version of the engine that their keys need. */
const NEWER = path.resolve(__dirname, '../fixtures/compose-newer');

describe('a project that we create', () => {
  let second: SecondEngine;
  let engine: Engine;

  beforeAll(async () => {
    second = await startSecondEngine();
    const docker = new Docker({ socketPath: second.socket });
    await importStandIn(docker, 'bb', '1');
    engine = { docker, socket: second.socket, composeCommand: composeCommand(), standIn: 'bb:1' };
  }, 60_000);

  afterAll(() => second.stop(), 30_000);

  it.each(readdirSync(FIXTURES))(
    'is the one that Compose creates, and Compose takes it for its own: %s',
    async (name) => {
      const result = await compareFixture(engine, path.join(FIXTURES, name));
      expect(result.differences).toEqual([]);
      expect(result.recreated).toEqual([]);
      expect(result.containers).toBeGreaterThan(0);
    },
    60_000,
  );

  it.each(readdirSync(NEWER))(
    'with keys of newer engines is the same where the engine has them, and refused by name where not: %s',
    async (name) => {
      const folder = path.join(NEWER, name);
      const { ApiVersion, Version } = await engine.docker.version();
      const needed = Number(name.replace('engine-', ''));
      const { composeCommand } = engine;
      const { source } = readFixture(folder);
      const has = Number.parseInt(Version, 10) >= needed;
      const outcome = has
        ? await compareFixture(engine, folder)
        : await resolveProject({ composeCommand, source, engineApiVersion: ApiVersion });
      const message = expect.stringContaining(`Docker Engine ${needed} or newer`);
      const refused = { kind: 'invalid', findings: expect.arrayContaining([expect.objectContaining({ message })]) };
      expect(outcome).toMatchObject(has ? { differences: [], recreated: [] } : refused);
    },
    60_000,
  );

  it('has the same files from variables and content in it as after docker compose up', async () => {
    const { compose, ours } = await compareUploads(engine, path.join(FIXTURES, 'files'));
    expect(Object.keys(ours)).toHaveLength(3);
    expect(ours).toEqual(compose);
  }, 60_000);
});
