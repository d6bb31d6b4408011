-- `--adopt` of an operation: whoever goes on with it must know.
ALTER TABLE operations ADD COLUMN adopt boolean NOT NULL DEFAULT false;
