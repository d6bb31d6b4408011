INSERT INTO documents (id, title, classification, releasable_to, communities, content) VALUES
  ('DOC-001', 'Visitors: where to park', 'UNCLASSIFIED', '{USA,GBR,FRA,DEU}', '{}', 'Gate 2, behind the mess.'),
  ('DOC-002', 'Canteen plan', 'UNCLASSIFIED', '{USA,GBR,FRA,DEU}', '{}', 'Friday is fish.'),
  ('DOC-003', 'Exercise calendar', 'RESTRICTED', '{USA,GBR,FRA,DEU}', '{}', 'Two exercises in spring.'),
  ('DOC-004', 'Radio frequencies of the week', 'RESTRICTED', '{USA,GBR}', '{FVEY}', 'Channel 4 is out of use.'),
  ('DOC-005', 'Convoy schedule', 'CONFIDENTIAL', '{USA,FRA,DEU}', '{NATO}', 'The third convoy leaves at noon.'),
  ('DOC-006', 'Supply depots', 'CONFIDENTIAL', '{USA,GBR,FRA}', '{}', 'Depot B is full.'),
  ('DOC-007', 'Interoperability findings', 'CONFIDENTIAL', '{USA}', '{}', 'The plugs differ.'),
  ('DOC-008', 'Air picture summary', 'SECRET', '{USA,GBR}', '{}', 'Nothing to report.'),
  ('DOC-009', 'Joint operations order', 'SECRET', '{USA,FRA,GBR}', '{NATO}', 'To be opened on order.'),
  ('DOC-010', 'Signals assessment', 'SECRET', '{USA,GBR}', '{FVEY}', 'No change since last month.'),
  ('DOC-011', 'National estimate', 'TOP_SECRET', '{USA}', '{}', 'Likely, with moderate confidence.'),
  ('DOC-012', 'Allied estimate', 'TOP_SECRET', '{USA,GBR}', '{FVEY,NATO}', 'Likely, with low confidence.');
