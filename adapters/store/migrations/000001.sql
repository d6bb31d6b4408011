-- Instances, their state machine, operations and their steps, specs and releases.
CREATE TABLE legal_transitions (from_state text NOT NULL, to_state text NOT NULL, PRIMARY KEY (from_state, to_state));
INSERT INTO legal_transitions VALUES
  ('UNKNOWN', 'INITIALIZING'), ('INITIALIZING', 'DEPLOYING'), ('DEPLOYING', 'CONFIGURING'),
  ('CONFIGURING', 'VERIFYING'), ('VERIFYING', 'COMPLETE'), ('INITIALIZING', 'FAILED'), ('DEPLOYING', 'FAILED'),
  ('CONFIGURING', 'FAILED'), ('VERIFYING', 'FAILED'), ('FAILED', 'INITIALIZING'), ('FAILED', 'ROLLING_BACK'),
  ('FAILED', 'CLEANUP'), ('ROLLING_BACK', 'COMPLETE'), ('ROLLING_BACK', 'CLEANUP'), ('ROLLING_BACK', 'FAILED'),
  ('COMPLETE', 'INITIALIZING'), ('COMPLETE', 'CLEANUP'), ('CLEANUP', 'UNKNOWN');

-- Which store this is: the label dive.store of everything made.
CREATE TABLE store (id uuid NOT NULL DEFAULT gen_random_uuid(), made_at timestamptz NOT NULL DEFAULT now());
INSERT INTO store DEFAULT VALUES;

CREATE TABLE specs (
  digest text PRIMARY KEY,
  key_id text NOT NULL,
  nonce bytea NOT NULL,
  ciphertext bytea NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE instances (
  code text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('hub', 'spoke')),
  project text NOT NULL,
  site text NOT NULL DEFAULT 'local',
  folder text NOT NULL,
  topology_file text,
  state text NOT NULL DEFAULT 'UNKNOWN',
  fence bigint NOT NULL DEFAULT 0,
  -- Digest of the spec last resolved: its source says how the files are read again.
  registered_spec text REFERENCES specs,
  release integer,
  state_since timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT known_state CHECK (state IN ('UNKNOWN', 'INITIALIZING', 'DEPLOYING', 'CONFIGURING', 'VERIFYING', 'COMPLETE', 'FAILED', 'ROLLING_BACK', 'CLEANUP'))
);

CREATE TABLE operations (
  instance text NOT NULL REFERENCES instances,
  fence bigint NOT NULL,
  kind text NOT NULL,
  workflow_id text NOT NULL,
  run_id text NOT NULL UNIQUE,
  by_user text,
  by_host text,
  spec_digest text REFERENCES specs,
  -- Observed state before anything was touched; what "as before" is compared with.
  before jsonb,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  outcome text,
  error_code text,
  failure jsonb,
  result jsonb,
  PRIMARY KEY (instance, fence)
);

CREATE TABLE transitions (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance text NOT NULL REFERENCES instances,
  fence bigint NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (from_state, to_state) REFERENCES legal_transitions
);

CREATE TABLE steps (
  instance text NOT NULL,
  fence bigint NOT NULL,
  step text NOT NULL,
  service text,
  duration_ms integer,
  details jsonb NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instance, fence, step),
  FOREIGN KEY (instance, fence) REFERENCES operations
);
CREATE INDEX steps_by_service ON steps (instance, service, at) WHERE duration_ms IS NOT NULL;

-- A container that was renamed out of the way: recorded before the rename, closed when it is gone or back.
CREATE TABLE parked (
  instance text NOT NULL,
  fence bigint NOT NULL,
  container_id text NOT NULL,
  name text NOT NULL,
  parked_name text NOT NULL,
  service text NOT NULL,
  was_running boolean NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  PRIMARY KEY (instance, container_id)
);

CREATE TABLE releases (
  instance text NOT NULL REFERENCES instances,
  number integer NOT NULL,
  fence bigint NOT NULL,
  spec_digest text NOT NULL REFERENCES specs,
  containers jsonb NOT NULL,
  changed text[] NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (instance, number),
  UNIQUE (instance, fence)
);
