import type { Config } from '../config.ts';

/** What people are told to run; where Sconce runs in another way, the same is done in another way. */
export type Remedies = {
  /** Where the household's certificates are. */
  store: string;
  /** Makes what is missing or has ended of the household's certificates. */
  pki: string;
  /** Adds a name to those that the broker's certificate is for. */
  pkiFor(host: string): string;
  /** Names all boards. */
  list: string;
  /** Brings back what cannot be made anew. */
  restore: string;
  /** Changes an authority, step by step. */
  rotate(authority: 'devices' | 'services'): string;
  start(service: string): string;
  restart(service: string): string;
  logs(service: string): string;
  mint(name: string): string;
  flash(name: string): string;
  revoke(name: string): string;
  /** A new identity for a board, under a name that is free. */
  mintAnew(name: string): string;
  /** The same, for one whose old identity is to be of no use to anybody. */
  replace(name: string): string;
  /** For a board that is revoked. */
  unlessMeant(name: string): string;
};

type Basic = Omit<Remedies, 'mintAnew' | 'replace' | 'unlessMeant'>;

function remediesOf(basic: Basic): Remedies {
  const mintAnew = (name: string) => `${basic.mint(`${name} 2`)} and ${basic.flash(`${name} 2`)}`;
  return {
    ...basic, mintAnew,
    replace: (name) => `${basic.revoke(name)}, then ${mintAnew(name)}`,
    unlessMeant: (name) => `nothing, if that was meant; if not, ${mintAnew(name)}`,
  };
}

const compose = remediesOf({
  store: 'pki/store',
  pki: 'make pki',
  pkiFor: (host) => `make pki BROKER_HOST=${host}`,
  list: 'make pki-list',
  restore: 'restore pki/store from a backup: make restore FILE=backups/sconce-….tar.age FORCE=yes',
  rotate: (authority) => `make pki-rotate${authority === 'services' ? ' AUTHORITY=services' : ''}`,
  start: (service) => `docker compose up -d ${service}`,
  restart: (service) => `docker compose restart ${service}`,
  logs: (service) => `make logs SERVICE=${service}`,
  mint: (name) => `make pki DEVICE="${name}"`,
  flash: (name) => `make flash DEVICE="${name}"`,
  revoke: (name) => `make pki-revoke DEVICE="${name}"`,
});

const again = 'end make demo with Ctrl-C and start it again';
const demo = remediesOf({
  store: '.demo/pki',
  pki: 'PKI_DIR=.demo/pki pki/init',
  pkiFor: (host) => `PKI_DIR=.demo/pki BROKER_HOST=${host} pki/init`,
  list: 'PKI_DIR=.demo/pki pki/list',
  restore: 'end make demo with Ctrl-C, delete .demo and start it again: a demo has no backup',
  rotate: (authority) => `PKI_DIR=.demo/pki pki/rotate${authority === 'services' ? ' services' : ''}`,
  start: () => again,
  restart: () => again,
  logs: (service) => `less .demo/log/${service}.log`,
  mint: (name) => `PKI_DIR=.demo/pki pki/mint "${name}"`,
  flash: (name) => `PKI_DIR=.demo/pki make flash DEVICE="${name}"`,
  revoke: (name) => `PKI_DIR=.demo/pki pki/revoke "${name}"`,
});

export const remediesFor = ({ view }: Pick<Config, 'view'>): Remedies => view === 'demo' ? demo : compose;
