CREATE TABLE documents (
  id text PRIMARY KEY,
  title text NOT NULL,
  classification text NOT NULL
    CHECK (classification IN ('UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET', 'TOP_SECRET')),
  -- ISO 3166-1 alpha-3
  releasable_to text[] NOT NULL CHECK (cardinality(releasable_to) > 0),
  -- empty: no community is asked for; several: a reader must belong to all of them
  communities text[] NOT NULL DEFAULT '{}',
  content text NOT NULL
);
