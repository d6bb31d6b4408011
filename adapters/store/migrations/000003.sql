-- Two instances with one Compose project would replace each other's containers, each under a lock of its own. Where that
-- has happened, the containers are those of the one that was deployed last.
UPDATE instances i SET state = 'UNKNOWN', state_since = now()
WHERE state <> 'UNKNOWN' AND EXISTS (
  SELECT 1 FROM instances o
  WHERE o.site = i.site AND o.project = i.project AND o.state <> 'UNKNOWN'
    AND (o.state_since, o.code) > (i.state_since, i.code));
CREATE UNIQUE INDEX one_instance_a_project ON instances (site, project) WHERE state <> 'UNKNOWN';
