#pragma once

#include <fault.h>

namespace sconce {

/** What BearSSL (bearssl_ssl.h, bearssl_x509.h, 0.6) gives as the reason why a handshake failed; UNKNOWN: none of ours. */
Fault faultOfBearssl(int error);
/** An alert that the broker has sent (RFC 5246, 7.2); UNKNOWN: none that has words. */
Fault faultOfAlert(int alert);

}  // namespace sconce
