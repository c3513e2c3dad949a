#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/**
 * Reads along with an MQTT 3.1.1 connection and tells what the broker acknowledges: PubSubClient passes over PUBACK and
 * SUBACK, and does not say what numbers it gives its packets.
 */
class PacketWatcher {
 public:
  enum class Ack : uint8_t { NONE, PUBLISHED, SUBSCRIBED };

  /** A new connection. */
  void begin();
  /** A byte from the broker; `packet` is set if this byte completes an acknowledgement. */
  Ack received(uint8_t byte, uint16_t& packet);
  /**
   * The number of the PUBLISH that begins here, as it is sent: with its header, topic and number in one piece. 0: another
   * packet, or one at QoS 0, which has none.
   */
  static uint16_t numberOf(const uint8_t* bytes, size_t length);

 private:
  enum class Part : uint8_t { TYPE, LENGTH, BODY };
  Ack endOfPacket(uint16_t& packet);

  Part part_ = Part::TYPE;
  uint8_t type_ = 0;
  uint8_t shift_ = 0;
  uint32_t left_ = 0;
  uint32_t at_ = 0;
  uint16_t number_ = 0;
};

}  // namespace sconce
