#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sconce {

/**
 * Faults of the connection: those that boards share with the API first, in the order of services/protocol/src/faults.ts,
 * UNKNOWN the last of them; then those that only a board can have. Adapters put what their libraries say into these;
 * lib/core/src/faults.cpp has the words.
 */
enum class Fault : uint8_t {
  BROKER_CERTIFICATE_EXPIRED,
  BROKER_CERTIFICATE_NOT_YET_VALID,
  BROKER_CERTIFICATE_WRONG_NAME,
  BROKER_CERTIFICATE_NOT_TRUSTED,
  BROKER_CERTIFICATE_WRONG_USE,
  OWN_CERTIFICATE_EXPIRED,
  OWN_CERTIFICATE_REVOKED,
  OWN_CERTIFICATE_NOT_TRUSTED,
  OWN_CERTIFICATE_REFUSED,
  TLS_VERSION,
  TLS_CIPHERS,
  NOT_TLS,
  NAME_UNKNOWN,
  NAME_SERVER_SILENT,
  PORT_CLOSED,
  NO_ROUTE,
  SILENT,
  KEEP_ALIVE,
  MQTT_WRONG_VERSION,
  MQTT_ID_REFUSED,
  MQTT_UNAVAILABLE,
  NOT_AUTHORISED,
  CLOSED_EARLY,
  CONNECTION_LOST,
  UNKNOWN,
  WIFI_NOT_SET,
  WIFI_NOT_FOUND,
  WIFI_PASSWORD,
  WIFI_NO_ADDRESS,
  WIFI_SILENT,
  TIME_SILENT,
  TIME_PAST,
  OUT_OF_MEMORY,
};
constexpr size_t kSharedFaultCount = static_cast<size_t>(Fault::UNKNOWN) + 1;
constexpr size_t kFaultCount = static_cast<size_t>(Fault::OUT_OF_MEMORY) + 1;

}  // namespace sconce
