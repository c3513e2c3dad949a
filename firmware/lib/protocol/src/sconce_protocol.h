// Generated from services/protocol by "make generate". Do not edit: "make check" compares.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {
namespace protocol {

// limits.ts says what each means, and where it comes from.
constexpr uint32_t kCommandBytes = 1024u;
constexpr uint32_t kDeviceMessageBytes = 2048u;
constexpr uint32_t kCommandDeadlineMs = 4000u;
constexpr uint32_t kDeadlineAheadMaxMs = 60000u;
constexpr uint32_t kCommandsRemembered = 32u;
constexpr uint32_t kCommandsQueued = 8u;
constexpr uint32_t kKeepAliveSeconds = 15u;
constexpr uint32_t kTelemetrySeconds = 60u;
constexpr uint32_t kRfBitsMin = 1u;
constexpr uint32_t kRfBitsMax = 32u;
constexpr uint32_t kRfProtocolMin = 1u;
constexpr uint32_t kRfProtocolMax = 12u;
constexpr uint32_t kRfPulseMin = 50u;
constexpr uint32_t kRfPulseMax = 2000u;
constexpr uint32_t kRfRepeatMin = 1u;
constexpr uint32_t kRfRepeatMax = 40u;
constexpr uint32_t kLearnSecondsMin = 5u;
constexpr uint32_t kLearnSecondsMax = 60u;
constexpr uint32_t kLearnGapMs = 25u;
constexpr uint32_t kLearnAtOnce = 8u;
constexpr uint32_t kUpdateBytesMin = 1u;
constexpr uint32_t kUpdateBytesMax = 1044464u;
constexpr uint32_t kUpdateChunkBytesMin = 1u;
constexpr uint32_t kUpdateChunkBytesMax = 640u;
constexpr uint32_t kCertificateBytesMin = 100u;
constexpr uint32_t kCertificateBytesMax = 640u;
constexpr uint32_t kSignatureBytesMin = 8u;
constexpr uint32_t kSignatureBytesMax = 72u;
constexpr uint32_t kUpdateSilenceMs = 120000u;
constexpr uint32_t kPinMin = 0u;
constexpr uint32_t kPinMax = 16u;
constexpr uint32_t kNameCharacters = 60u;
constexpr uint32_t kGuestMinutesMin = 10u;
constexpr uint32_t kGuestMinutesMax = 527040u;
constexpr uint32_t kInvitationHoursMin = 1u;
constexpr uint32_t kInvitationHoursMax = 720u;
constexpr uint32_t kInvitationShares = 50u;
constexpr uint32_t kSceneSteps = 50u;
constexpr uint32_t kFurtherSenders = 2u;
constexpr uint32_t kImportLines = 400u;
constexpr uint32_t kRequestBytes = 16384u;

constexpr size_t kDeviceIdLength = 32;
constexpr size_t kReplicaIdLength = 8;
constexpr size_t kCommandIdLength = 36;

constexpr const char* kTopicRoot = "sconce/v1";
constexpr const char* kTopicCommand = "sconce/v1/%s/command";
constexpr const char* kTopicAck = "sconce/v1/%s/ack/%s";
constexpr const char* kTopicStatus = "sconce/v1/%s/status";
constexpr const char* kTopicInfo = "sconce/v1/%s/info";
constexpr const char* kTopicTelemetry = "sconce/v1/%s/telemetry";
constexpr const char* kTopicCertificate = "sconce/v1/%s/certificate";
constexpr const char* kTopicReceived = "sconce/v1/%s/rf/received";

enum class Do : uint8_t { RF_SEND, RF_LEARN, PIN_SET, IDENTIFY, RESTART, UPDATE_BEGIN, UPDATE_DATA, UPDATE_END, CERTIFICATE_RENEW, CERTIFICATE_ISSUER, CERTIFICATE_INSTALL, AUTHORITY_TRUST };
constexpr size_t kDoCount = 12;
inline constexpr const char* kDoWords[kDoCount] = {"rf.send", "rf.learn", "pin.set", "identify", "restart", "update.begin", "update.data", "update.end", "certificate.renew", "certificate.issuer", "certificate.install", "authority.trust"};

enum class AckOutcome : uint8_t { TRANSMITTED, EXPIRED, REFUSED, FAILED };
constexpr size_t kAckOutcomeCount = 4;
inline constexpr const char* kAckOutcomeWords[kAckOutcomeCount] = {"transmitted", "expired", "refused", "failed"};

enum class AckReason : uint8_t { UNKNOWN_COMMAND, MALFORMED, TOO_LARGE, NOT_CAPABLE, QUEUE_FULL, DEADLINE_TOO_FAR, CLOCK_NOT_SET, HARDWARE, NOT_SIGNED, OUT_OF_ORDER, UPDATE_FAILED, NOT_ASKED, WRONG_CERTIFICATE };
constexpr size_t kAckReasonCount = 13;
inline constexpr const char* kAckReasonWords[kAckReasonCount] = {"unknown_command", "malformed", "too_large", "not_capable", "queue_full", "deadline_too_far", "clock_not_set", "hardware", "not_signed", "out_of_order", "update_failed", "not_asked", "wrong_certificate"};

enum class Capability : uint8_t { RF_SEND, RF_RECEIVE, RF_LEARN, PIN_SET, IDENTIFY, RESTART, UPDATE, RENEW };
constexpr size_t kCapabilityCount = 8;
inline constexpr const char* kCapabilityWords[kCapabilityCount] = {"rf.send", "rf.receive", "rf.learn", "pin.set", "identify", "restart", "update", "renew"};

/** Lengths in pulses: first the carrier's one state, then the other. */
struct Pulses {
  uint8_t first;
  uint8_t second;
};

/** A row of rc-switch's table. `inverted`: the first part of each pair is low. */
struct RadioProtocol {
  Pulses sync;
  Pulses zero;
  Pulses one;
  bool inverted;
};

/** rc-switch 2.6.4's protocols; [0] is number 1. radio.ts has them, and the pulse with which each is usually sent. */
inline constexpr RadioProtocol kRadioProtocols[kRfProtocolMax] = {
    {{1, 31}, {1, 3}, {3, 1}, false},
    {{1, 10}, {1, 2}, {2, 1}, false},
    {{30, 71}, {4, 11}, {9, 6}, false},
    {{1, 6}, {1, 3}, {3, 1}, false},
    {{6, 14}, {1, 2}, {2, 1}, false},
    {{23, 1}, {1, 2}, {2, 1}, true},  // HT6P20B
    {{2, 62}, {1, 6}, {6, 1}, false},  // HS2303-PT
    {{3, 130}, {7, 16}, {3, 16}, false},  // Conrad RS-200, receiver
    {{130, 7}, {16, 7}, {16, 3}, true},  // Conrad RS-200, transmitter
    {{18, 1}, {3, 1}, {1, 3}, true},  // 1ByOne doorbell
    {{36, 1}, {1, 2}, {2, 1}, true},  // HT12E
    {{36, 1}, {1, 2}, {2, 1}, true},  // SM5212
};

}  // namespace protocol
}  // namespace sconce
