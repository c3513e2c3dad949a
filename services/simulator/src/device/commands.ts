import type { CommandId, ReplicaId } from '@sconce/protocol/ids';
import { limits } from '@sconce/protocol/limits';
import type { Ack, Command } from '@sconce/protocol/messages';
import type { Clock } from './clock.ts';
import { readCommand } from './command.ts';
import type { Tell } from './happenings.ts';
import type { Radio } from './radio.ts';
import type { Refusal, Renewal } from './renewal.ts';

type Finish = (outcome: Ack['outcome'], reason?: Ack['reason']) => void;

export interface Board {
  clock: Clock;
  radio: Radio;
  renewal: Pick<Renewal, 'ask' | 'takeIssuer' | 'install' | 'trust'>;
  /** GPIO numbers that have a relay. */
  pins: readonly number[];
  tell: Tell;
  answer(replyTo: ReplicaId, ack: Ack): void;
  /** A code has left the antenna. */
  transmitted(command: Extract<Command, { do: 'rf.send' }>): void;
  /** For so long each frame is to be reported. */
  learn(seconds: number): void;
  /** Called after the restart has been answered. */
  restart(): void;
  /** Called after the new certificate has been acknowledged: it counts from the next connection on. */
  connectAnew(): void;
  /** What the board trusts is other now; it says so. */
  trustsChanged(): void;
}

/** What the board knows of a command: its answer, or who waits for it. */
interface Remembered { ack?: Ack; waiting: ReplicaId[] }

/** Carries out commands: each id once, none at or after its deadline, each answered with exactly one outcome. */
export class Commands {
  readonly #board: Board;
  /** Oldest first. What waits for the radio (at most 9) is always among the last 32, or it would be sent twice. */
  readonly #remembered = new Map<CommandId, Remembered>();

  constructor(board: Board) {
    this.#board = board;
  }

  /** Takes a payload as it came over the wire. */
  receive(payload: Uint8Array): void {
    const { clock, tell } = this.#board;
    const arrived = clock.ticks();
    const read = readCommand(payload);
    if (read.kind === 'unreadable') return tell({ event: 'refused', why: read.why });

    const { id, replyTo } = read.kind === 'command' ? read.command : read;
    if (this.#answerAgain(id, replyTo)) return;
    const remembered = this.#remember(id, replyTo);

    const finish: Finish = (outcome, reason) => {
      remembered.ack = { id, outcome, ms: round(clock.ticks() - arrived), ...reason && { reason } };
      for (const asked of remembered.waiting.splice(0)) this.#board.answer(asked, remembered.ack);
    };
    if (read.kind === 'refused') {
      tell({ event: 'refused', id, reason: read.reason, why: read.why });
      finish('refused', read.reason);
    } else {
      this.#carryOut(read.command, arrived, finish);
    }
  }

  #carryOut(command: Command, arrived: number, finish: Finish): void {
    const { clock, pins, tell } = this.#board;
    const { id } = command;
    const refuse = (reason: NonNullable<Ack['reason']>, why: string) => {
      tell({ event: 'refused', id, reason, why });
      finish('refused', reason);
    };
    tell({ event: 'command', id, do: command.do });
    if (this.#expired(command, finish)) return;
    const ahead = command.deadline - clock.now();
    if (ahead > limits.deadlineAheadMaxMs) {
      return refuse('deadline_too_far', `the deadline lies ${ahead} ms ahead, ${limits.deadlineAheadMaxMs} are allowed: `
        + 'a clock is wrong, the sender\'s or this board\'s');
    }

    switch (command.do) {
      case 'rf.send':
        if (!this.#send(command, arrived, finish)) refuse('queue_full', `${limits.commandsQueued} commands wait for the radio`);
        return;
      case 'rf.learn':
        this.#board.learn(command.seconds);
        tell({ event: 'learn', id, seconds: command.seconds });
        return finish('transmitted');
      case 'pin.set':
        if (!pins.includes(command.pin)) return refuse('not_capable', `pin ${command.pin} has no relay`);
        tell({ event: 'pin', id, pin: command.pin, on: command.on });
        return finish('transmitted');
      case 'identify':
        tell({ event: 'identify', id });
        return finish('transmitted');
      case 'restart':
        tell({ event: 'restart', id });
        finish('transmitted');
        return this.#board.restart();
      case 'certificate.renew':
        finish('transmitted');
        return this.#board.renewal.ask();
      case 'certificate.issuer':
        return this.#ifKept(() => this.#board.renewal.takeIssuer(command), refuse, finish);
      case 'certificate.install':
        return this.#ifKept(() => this.#board.renewal.install(command), refuse, finish, () => this.#board.connectAnew());
      case 'authority.trust':
        return this.#ifKept(() => this.#board.renewal.trust(command), refuse, finish, () => this.#board.trustsChanged());
      case 'update.begin':
      case 'update.data':
      case 'update.end':
        return refuse('not_capable', 'a simulated board has no firmware');
    }
  }

  /** Acknowledges what has been kept; what was refused, or what the disk would not take, not. */
  #ifKept(keep: () => Refusal | undefined, refuse: (reason: Refusal['reason'], why: string) => void, finish: Finish,
    then: () => void = () => {}): void {
    try {
      const refusal = keep();
      if (refusal) return refuse(refusal.reason, refusal.why);
    } catch (error) {
      this.#board.tell({ event: 'error', code: 'not_kept', message: `It could not be kept: ${(error as Error).message}` });
      return finish('failed', 'hardware');
    }
    finish('transmitted');
    then();
  }

  #send(command: Extract<Command, { do: 'rf.send' }>, arrived: number, finish: Finish): boolean {
    const { clock, radio, tell } = this.#board;
    const { id, code, bits, protocol, pulse, repeat } = command;
    return radio.send({
      code: { code, bits, protocol, pulse },
      repeat,
      mayStart: () => !this.#expired(command, finish),
      sent: (began) => {
        this.#board.transmitted(command);
        const ms = round(clock.ticks() - arrived);
        tell({ event: 'transmitted', id, code, bits, protocol, pulse, repeat, began: new Date(began).toISOString(), ms });
        finish('transmitted');
      },
      cut: () => finish('failed'),
    });
  }

  #expired({ id, deadline }: Command, finish: Finish): boolean {
    const lateMs = this.#board.clock.now() - deadline;
    if (lateMs < 0) return false;
    this.#board.tell({ event: 'expired', id, lateMs });
    finish('expired');
    return true;
  }

  /** The same id again: the first outcome again, at once or as soon as there is one. */
  #answerAgain(id: CommandId, replyTo: ReplicaId): boolean {
    const remembered = this.#remembered.get(id);
    if (!remembered) return false;
    this.#board.tell({ event: 'duplicate', id });
    if (remembered.ack) this.#board.answer(replyTo, remembered.ack);
    else remembered.waiting.push(replyTo);
    return true;
  }

  #remember(id: CommandId, replyTo: ReplicaId): Remembered {
    const remembered: Remembered = { waiting: [replyTo] };
    this.#remembered.set(id, remembered);
    for (const [old, { ack }] of this.#remembered) {
      if (this.#remembered.size <= limits.commandsRemembered) break;
      if (ack) this.#remembered.delete(old);
    }
    return remembered;
  }
}

const round = (ms: number) => Math.round(ms * 10) / 10;
