import type { Config } from '../config.ts';

/** What people are told to run; where Sconce runs in another way, the same is done in another way. */
export type Remedies = {
  /** Makes what is missing or has ended of the household's certificates. */
  pki: string;
  start(service: string): string;
  restart(service: string): string;
  logs(service: string): string;
  mint(name: string): string;
};

const compose: Remedies = {
  pki: 'make pki',
  start: (service) => `docker compose up -d ${service}`,
  restart: (service) => `docker compose restart ${service}`,
  logs: (service) => `make logs SERVICE=${service}`,
  mint: (name) => `make pki DEVICE="${name}"`,
};

const again = 'end make demo with Ctrl-C and start it again';
const demo: Remedies = {
  pki: 'PKI_DIR=.demo/pki pki/init',
  start: () => again,
  restart: () => again,
  logs: (service) => `less .demo/log/${service}.log`,
  mint: (name) => `PKI_DIR=.demo/pki pki/mint "${name}"`,
};

export const remediesFor = ({ view }: Pick<Config, 'view'>): Remedies => view === 'demo' ? demo : compose;
