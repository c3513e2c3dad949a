#include "bearssl_faults.h"

namespace sconce {

Fault faultOfBearssl(int error) {
  switch (error) {
    // BearSSL has one number for "expired" and "not yet valid"; the words name the clock, too.
    case 54: return Fault::BROKER_CERTIFICATE_EXPIRED;        // BR_ERR_X509_EXPIRED
    case 56: return Fault::BROKER_CERTIFICATE_WRONG_NAME;     // BR_ERR_X509_BAD_SERVER_NAME
    case 52:                                                  // BR_ERR_X509_BAD_SIGNATURE
    case 55:                                                  // BR_ERR_X509_DN_MISMATCH
    case 58:                                                  // BR_ERR_X509_NOT_CA
    case 62: return Fault::BROKER_CERTIFICATE_NOT_TRUSTED;    // BR_ERR_X509_NOT_TRUSTED
    case 28:                                                  // BR_ERR_WRONG_KEY_USAGE
    case 59: return Fault::BROKER_CERTIFICATE_WRONG_USE;      // BR_ERR_X509_FORBIDDEN_KEY_USAGE
    case 53: return Fault::TIME_SILENT;                       // BR_ERR_X509_TIME_UNKNOWN
    case 4: return Fault::TLS_VERSION;                        // BR_ERR_BAD_VERSION
    case 16: return Fault::TLS_CIPHERS;                       // BR_ERR_BAD_CIPHER_SUITE
    // Also of a TLS before 1.2, but what answers in plain text has it, and that is met more often by far.
    case 3:                                                   // BR_ERR_UNSUPPORTED_VERSION
    case 9:                                                   // BR_ERR_UNKNOWN_TYPE
    case 10: return Fault::NOT_TLS;                           // BR_ERR_UNEXPECTED
    case 0:                                                   // the connection ended, and no error with it
    case 31: return Fault::CLOSED_EARLY;                      // BR_ERR_IO
    default: return Fault::UNKNOWN;
  }
}

Fault faultOfAlert(int alert) {
  switch (alert) {
    case 45: return Fault::OWN_CERTIFICATE_EXPIRED;
    case 44: return Fault::OWN_CERTIFICATE_REVOKED;
    case 48: return Fault::OWN_CERTIFICATE_NOT_TRUSTED;
    case 42:
    case 43:
    case 46:
    case 51:  // our signature is not by the certificate's key: key.pem is another board's
    case 116: return Fault::OWN_CERTIFICATE_REFUSED;
    case 70: return Fault::TLS_VERSION;
    case 40:
    case 71: return Fault::TLS_CIPHERS;
    default: return Fault::UNKNOWN;
  }
}

}  // namespace sconce
