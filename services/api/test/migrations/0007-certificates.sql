-- A household as it stood in the database after migration 7: certificates. Each statement ends with its line.

insert into people (id, issuer, subject, email, name, picture, role, state, created_at, signed_in_at, guest_until) values
  ('00000000-0000-4000-8000-0000000000a1', 'https://issuer.invalid', 'olive', 'olive@example.org', 'Olive Owner', 'https://example.org/olive.png', 'admin', 'active', '2026-01-02T03:04:05Z', '2026-02-03T04:05:06Z', null),
  ('00000000-0000-4000-8000-0000000000a2', 'https://issuer.invalid', 'mona', 'mona@example.org', 'Mona', null, 'member', 'active', '2026-01-02T03:04:05Z', '2026-02-03T04:05:06Z', null),
  ('00000000-0000-4000-8000-0000000000a3', 'https://issuer.invalid', 'gwen', 'gwen@example.org', 'Gwen Guest', null, 'guest', 'active', '2026-01-02T03:04:05Z', '2026-02-03T04:05:06Z', '2027-08-09T10:11:12Z'),
  ('00000000-0000-4000-8000-0000000000a4', 'https://other.invalid', 'olive', 'ned@example.org', 'Ned', null, 'member', 'pending', '2026-03-04T05:06:07Z', '2026-03-04T05:06:07Z', null),
  ('00000000-0000-4000-8000-0000000000a5', 'https://issuer.invalid', 'dora', 'dora@example.org', 'Dora', null, 'member', 'deactivated', '2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z', null);

insert into sessions (id, person_id, secret_hash, user_agent, address, created_at, last_used_at, expires_at, issued_role, issued_state, previous_secret_hash, previous_until, exchange_salt) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'be6d061d820a23c8f475343739011478db27177ea4fedbbfdd8e2ec9f15e8a60', 'Firefox', '192.0.2.1', '2026-02-03T04:05:06Z', '2098-12-31T00:00:00Z', '2099-01-01T00:00:00Z', 'admin', 'active', '9a39bd18303d6bcfb5ff940886f0d562d8d0f6e3f79d27c58c305fa56702a296', '2026-03-04T05:06:07Z', 'salt'),
  ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a2', '69b9c257589788747eb71e997e337b7b47d2b1cc04158a5f8930900fdfde9373', 'Chrome', '2001:db8::1', '2026-02-03T04:05:06Z', '2098-12-31T00:00:00Z', '2099-01-01T00:00:00Z', 'member', 'active', null, null, null),
  ('00000000-0000-4000-8000-0000000000b4', '00000000-0000-4000-8000-0000000000a4', '26872e0758f91579c91cc707d6847a9eb17d1514c14ff5e10db07079fcee691b', 'Safari', '192.0.2.4', '2026-03-04T05:06:07Z', '2098-12-31T00:00:00Z', '2099-01-01T00:00:00Z', 'guest', 'pending', null, null, null);

insert into tokens (id, person_id, name, prefix, secret_hash, scopes, created_at, expires_at, last_used_at, revoked_at) values
  ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a1', 'Kitchen script', 'sct_fixtur', '6a9bdd28cda04763bdc6c7e0d7bf2bfb47b4b64a6bf20eae5fe0a84475bad6ab', '{read,switch}', '2026-02-03T04:05:06Z', '2099-01-01T00:00:00Z', '2098-12-31T00:00:00Z', null),
  ('00000000-0000-4000-8000-0000000000c2', '00000000-0000-4000-8000-0000000000a1', 'Lost phone', 'sct_lost', '185addcfa6d2dc6f1d1c27131497ef5cbea6dac0cf6feed922b9ace977566539', '{manage}', '2026-01-02T03:04:05Z', '2099-01-01T00:00:00Z', null, '2026-02-03T04:05:06Z');

insert into devices (id, name, first_seen_at, adopted_at, online, online_changed_at, info, telemetry, telemetry_at, revoked_at) values
  ('0123456789abcdef0123456789abcdef', 'Hall board', '2026-01-02T03:04:05Z', '2026-02-03T04:05:06Z', true, '2026-03-04T05:06:07Z', '{"firmware":"1.0.0","hardware":"nodemcuv2","capabilities":["rf.send","pin.set"],"pins":[5],"resetReason":"power on","certificateNotAfter":4070908800000}', '{"rssi":-60,"heapFree":30000,"heapLargestBlock":20000,"uptime":77,"tlsHandshakeMs":1000,"temperature":20.5}', '2026-03-04T05:06:07Z', null),
  ('ffffffffffffffffffffffffffffffff', null, '2026-03-04T05:06:07Z', null, false, null, null, null, null, '2026-03-04T05:06:07Z');

insert into outlets (id, device_id, name, room, icon, control, created_at, state_on, state_source, state_at) values
  ('00000000-0000-4000-8000-0000000000d1', '0123456789abcdef0123456789abcdef', 'Hall lamp', 'Hall', 'lamp', '{"kind":"rf","on":{"code":5393,"bits":24,"protocol":1,"pulse":350},"off":{"code":5396,"bits":24,"protocol":1,"pulse":350},"repeat":10}', '2026-02-03T04:05:06Z', true, 'remote', '2026-03-04T05:06:07Z'),
  ('00000000-0000-4000-8000-0000000000d2', '0123456789abcdef0123456789abcdef', 'Fan', null, 'fan', '{"kind":"pin","pin":5}', '2026-02-03T04:05:06Z', null, null, null);

insert into shares (id, person_id, outlet_id, device_id, "right", created_at) values
  ('00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000a2', '00000000-0000-4000-8000-0000000000d1', null, 'use', '2026-02-03T04:05:06Z'),
  ('00000000-0000-4000-8000-0000000000e2', '00000000-0000-4000-8000-0000000000a3', '00000000-0000-4000-8000-0000000000d2', null, 'manage', '2026-03-04T05:06:07Z'),
  ('00000000-0000-4000-8000-0000000000e3', '00000000-0000-4000-8000-0000000000a5', null, '0123456789abcdef0123456789abcdef', 'use', '2026-03-04T05:06:07Z');

insert into commands (id, outlet_id, person_id, token_id, "on", requested_at, deadline, outcome, ms) values
  ('00000000-0000-4000-8000-0000000000f1', '00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000a1', null, true, '2026-02-03T04:05:06Z', '2026-02-03T04:05:10Z', 'transmitted', 31.4),
  ('00000000-0000-4000-8000-0000000000f2', '00000000-0000-4000-8000-0000000000d1', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000c1', false, '2026-03-04T05:06:07Z', '2026-03-04T05:06:11Z', 'offline', null),
  ('00000000-0000-4000-8000-0000000000f3', '00000000-0000-4000-8000-0000000000d2', '00000000-0000-4000-8000-0000000000a2', null, true, '2026-03-04T05:06:07Z', '2098-03-04T05:06:11Z', null, null);

insert into audit (at, actor_kind, person_id, person_name, token_name, action, target_kind, target_id, target_name, address, outcome, detail) values
  ('2026-02-03T04:05:06Z', 'token', '00000000-0000-4000-8000-0000000000a1', 'Olive Owner', 'Kitchen script', 'outlet.switch', 'outlet', '00000000-0000-4000-8000-0000000000d1', 'Hall lamp', '192.0.2.1', 'transmitted', '{"on":true,"ms":31.4}'),
  ('2026-03-04T05:06:07Z', 'remote', null, null, null, 'outlet.switch', 'outlet', '00000000-0000-4000-8000-0000000000d1', 'Hall lamp', null, 'done', '{"on":true,"heardBy":"Hall board"}');

insert into invitations (id, secret_hash, name, role, guest_until, created_by, created_at, expires_at, used_at, used_by, revoked_at) values
  ('00000000-0000-4000-8000-000000000091', 'c4c6105f657c8141bdfbc49c8f1c55069cecd6e6bca56073db2c49c1e812c1b3', 'Gwen', 'guest', '2027-08-09T10:11:12Z', '00000000-0000-4000-8000-0000000000a1', '2026-02-03T04:05:06Z', '2099-01-01T00:00:00Z', '2026-03-04T05:06:07Z', '00000000-0000-4000-8000-0000000000a3', null),
  ('00000000-0000-4000-8000-000000000092', '8a3c125de266952ea0c57a9cd84d4505db9b465b191f54b5b85980231af1f937', 'Ivy', 'member', null, '00000000-0000-4000-8000-0000000000a1', '2026-03-04T05:06:07Z', '2099-01-01T00:00:00Z', null, null, null);

insert into invitation_shares (invitation_id, outlet_id, device_id, "right") values
  ('00000000-0000-4000-8000-000000000092', '00000000-0000-4000-8000-0000000000d1', null, 'use'),
  ('00000000-0000-4000-8000-000000000092', null, '0123456789abcdef0123456789abcdef', 'manage');

insert into scenes (id, name, icon, created_at) values
  ('00000000-0000-4000-8000-000000000071', 'Evening', 'lamp', '2026-03-04T05:06:07Z');

insert into scene_steps (scene_id, outlet_id, "on", position) values
  ('00000000-0000-4000-8000-000000000071', '00000000-0000-4000-8000-0000000000d1', true, 0),
  ('00000000-0000-4000-8000-000000000071', '00000000-0000-4000-8000-0000000000d2', false, 2);

insert into certificate_warnings (name, level, ends, way, told_at) values
  ('board 0123456789abcdef0123456789abcdef', 60, '2099-01-01T00:00:00Z', 'email', '2026-03-04T05:06:07Z'),
  ('broker', 7, '2098-12-31T00:00:00Z', 'log', '2026-02-03T04:05:06Z');
