import { z } from 'zod';

/** 128 random bits as 32 lowercase hexadecimal digits: certificate CN, MQTT user name, client id and topic level. */
export const DeviceId = z.string()
  .regex(/^[0-9a-f]{32}$/, 'a device id is 32 lowercase hexadecimal digits')
  .brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;

/** The API process that asked. A device answers on `ack/<replica>`, so each process hears its own answers only. */
export const ReplicaId = z.string()
  .regex(/^[0-9a-f]{8}$/, 'a replica id is 8 lowercase hexadecimal digits')
  .brand<'ReplicaId'>();
export type ReplicaId = z.infer<typeof ReplicaId>;

/** A lowercase UUID (RFC 9562), as PostgreSQL writes it. */
const uuid = z.uuid().lowercase();

export const CommandId = uuid.brand<'CommandId'>();
export type CommandId = z.infer<typeof CommandId>;

export const OutletId = uuid.brand<'OutletId'>();
export type OutletId = z.infer<typeof OutletId>;

export const PersonId = uuid.brand<'PersonId'>();
export type PersonId = z.infer<typeof PersonId>;

export const SessionId = uuid.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

export const TokenId = uuid.brand<'TokenId'>();
export type TokenId = z.infer<typeof TokenId>;

export const SceneId = uuid.brand<'SceneId'>();
export type SceneId = z.infer<typeof SceneId>;

export const ShareId = uuid.brand<'ShareId'>();
export type ShareId = z.infer<typeof ShareId>;

export const InvitationId = uuid.brand<'InvitationId'>();
export type InvitationId = z.infer<typeof InvitationId>;
