#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "usage_error.h"

namespace sconce {

namespace {

bool isAddress(const std::string& name) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), address) == 1 || inet_pton(AF_INET6, name.c_str(), address) == 1;
}

bool faultOfAlert(int alert, Fault& fault) {
  switch (alert) {
    case SSL_AD_CERTIFICATE_EXPIRED: fault = Fault::OWN_CERTIFICATE_EXPIRED; return true;
    case SSL_AD_CERTIFICATE_REVOKED: fault = Fault::OWN_CERTIFICATE_REVOKED; return true;
    case SSL_AD_UNKNOWN_CA: fault = Fault::OWN_CERTIFICATE_NOT_TRUSTED; return true;
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_CERTIFICATE_REQUIRED: fault = Fault::OWN_CERTIFICATE_REFUSED; return true;
    case SSL_AD_PROTOCOL_VERSION: fault = Fault::TLS_VERSION; return true;
    case SSL_AD_HANDSHAKE_FAILURE:
    case SSL_AD_INSUFFICIENT_SECURITY: fault = Fault::TLS_CIPHERS; return true;
    default: return false;
  }
}

Fault faultOfVerification(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return Fault::BROKER_CERTIFICATE_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID: return Fault::BROKER_CERTIFICATE_NOT_YET_VALID;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return Fault::BROKER_CERTIFICATE_WRONG_NAME;
    case X509_V_ERR_INVALID_PURPOSE: return Fault::BROKER_CERTIFICATE_WRONG_USE;
    default: return Fault::BROKER_CERTIFICATE_NOT_TRUSTED;
  }
}

bool faultOfReason(int reason, Fault& fault) {
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_HTTP_REQUEST: fault = Fault::NOT_TLS; return true;
    case SSL_R_UNSUPPORTED_PROTOCOL: fault = Fault::TLS_VERSION; return true;
    default: return false;
  }
}

}  // namespace

SSL_CTX* Tls::begin() {
  began_ = clock_.micros();
  handshakeMs_ = 0;
  done_ = false;
  broken_ = false;
  alert_ = verifyError_ = reason_ = systemError_ = 0;

  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, onVerify);
  SSL_CTX_set_info_callback(context, onInfo);
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context);
  const std::string name = identity_.host;
  const bool named = isAddress(name) ? X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1
                                     : X509_VERIFY_PARAM_set1_host(expected, name.c_str(), name.size()) == 1;
  if (!named || SSL_CTX_load_verify_file(context, identity_.caFile.c_str()) != 1 ||
      SSL_CTX_use_certificate_chain_file(context, identity_.certFile.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, identity_.keyFile.c_str(), SSL_FILETYPE_PEM) != 1) {
    SSL_CTX_free(context);
    throw UsageError(std::string("The identity of ") + identity_.id + " can no longer be read. Mint the device anew.");
  }
  return context;
}

void Tls::onInfo(const SSL* ssl, int where, int value) {
  Tls& self = *static_cast<Tls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (where & SSL_CB_HANDSHAKE_START) {
    // libmosquitto announces where it knocks; an address must not stand in the server name at all (RFC 6066, 3).
    const char* name = isAddress(self.identity_.host) ? nullptr : self.identity_.host;
    SSL_set_tlsext_host_name(const_cast<SSL*>(ssl), name);
    self.began_ = self.clock_.micros();
  } else if (where & SSL_CB_HANDSHAKE_DONE) {
    self.done_ = true;
    self.handshakeMs_ = static_cast<uint32_t>((self.clock_.micros() - self.began_ + 500) / 1000);
  } else if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
    if ((value >> 8) == SSL3_AL_FATAL) self.alert_ = value & 0xff;
  } else if ((where & SSL_CB_EXIT) && value <= 0) {
    const int systemError = errno;
    const int kind = SSL_get_error(ssl, value);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return;
    self.broken_ = true;
    if (kind == SSL_ERROR_SYSCALL) self.systemError_ = systemError;
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) == ERR_LIB_SSL) self.reason_ = ERR_GET_REASON(error);
  }
}

int Tls::onVerify(int good, X509_STORE_CTX* store) {
  const SSL* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  Tls& self = *static_cast<Tls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  if (!good && self.verifyError_ == 0) self.verifyError_ = X509_STORE_CTX_get_error(store);
  return good;
}

bool Tls::failed(Fault& fault) const {
  if (verifyError_ != 0) {
    fault = faultOfVerification(verifyError_);
    return true;
  }
  return faultOfAlert(alert_, fault) || faultOfReason(reason_, fault);
}

}  // namespace sconce
