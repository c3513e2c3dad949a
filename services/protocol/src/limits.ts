/**
 * Every bound that two parties must agree on, in one place. The firmware gets them through the generated header,
 * the broker through mosquitto.conf (the acceptance tests compare).
 */
export const limits = {
  /** Bytes of a payload to a device. The firmware's MQTT buffer is allocated once, at this size plus the topic. */
  commandBytes: 1024,
  /** Bytes of a payload from a device; info, the largest, is about 600. */
  deviceMessageBytes: 2048,
  /** Milliseconds from the tap to the moment after which nobody may carry it out any more. */
  commandDeadlineMs: 4000,
  /** How far ahead a deadline may lie, in milliseconds: more is a sender whose clock is wrong. */
  deadlineAheadMaxMs: 60_000,
  /** How many command ids a device remembers, so that the same id twice sends once. */
  commandsRemembered: 32,
  /** Commands that may wait on the device for the radio; one more is refused with `queue_full`. */
  commandsQueued: 8,
  /**
   * MQTT keep-alive in seconds: the broker calls a silent device offline after 1.5 times this (MQTT 3.1.1, 3.1.2.10).
   */
  keepAliveSeconds: 15,
  /** Seconds between two telemetry messages. */
  telemetrySeconds: 60,

  /** rc-switch decodes at most 32 bits into its `unsigned long`; ordinary sockets use 24. */
  rfBits: { min: 1, max: 32 },
  /** rc-switch 2.6.4 has protocols 1 to 12. */
  rfProtocol: { min: 1, max: 12 },
  /** Microseconds of one pulse. rc-switch's table spans 100 to 650; remotes in the wild drift around those. */
  rfPulse: { min: 50, max: 2000 },
  /** How often a frame is sent in a row. One 24-bit frame takes 44.8 ms at 350 µs. */
  rfRepeat: { min: 1, max: 40 },
  /** Seconds for which a board reports each single frame that it hears, so that a code can be learned from a remote. */
  learnSeconds: { min: 5, max: 60 },
  /**
   * Milliseconds between two frames that a learning board reports, on the average; what comes sooner is left out. A
   * remote's frames take 35 to 60 ms each, so that all of them pass; noise that looks like short frames would be hundreds
   * a second.
   */
  learnGapMs: 25,
  /** Frames that may come at once all the same: they have waited while the board was busy with something else. */
  learnAtOnce: 8,
  /** Bytes of new firmware; the largest that the chip's flash has room for (eagle.flash.4m1m.ld, PlatformIO's own). */
  updateBytes: { min: 1, max: 1_044_464 },
  /** Bytes of firmware in one command: 856 characters of base64, and at most 136 around them, within `commandBytes`. */
  updateChunkBytes: { min: 1, max: 640 },
  /** Bytes of a board's or an authority's certificate, or of a request for one, in DER; about 450. In base64 one command. */
  certificateBytes: { min: 100, max: 640 },
  /** Bytes of an ECDSA signature over P-256, in DER. */
  signatureBytes: { min: 8, max: 72 },
  /** Milliseconds without a word of it after which a board gives up an update; until then it can be taken up again. */
  updateSilenceMs: 120_000,

  /** GPIO numbers of an ESP8266. */
  pin: { min: 0, max: 16 },

  /** Characters of a name that a person gives to an outlet, a device, a token. */
  nameCharacters: 60,
  /** How far ahead a guest's end may be set, in minutes: ten minutes to a year. */
  guestMinutes: { min: 10, max: 527_040 },
  /** Hours for which an invitation's link can be used: one to thirty days. */
  invitationHours: { min: 1, max: 720 },
  /** Outlets and boards that one invitation can share. */
  invitationShares: 50,
  /** Outlets that one scene sets. */
  sceneSteps: 50,
  /** Boards besides its own that send an outlet's code again. */
  furtherSenders: 2,
  /** Lines of a text with codes that is imported, blank ones not counted: more than a house has sockets. */
  importLines: 400,
  /** Bytes of a request's body. The largest, an invitation that shares much, is about 5,000. */
  requestBytes: 16_384,
} as const;
