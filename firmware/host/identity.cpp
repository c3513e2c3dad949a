#include "identity.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "ids.h"
#include "json_object.h"
#include "usage_error.h"

namespace sconce {

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using File = std::unique_ptr<FILE, int (*)(FILE*)>;

[[noreturn]] void damaged(const std::string& path, const std::string& how) {
  throw UsageError(path + " is damaged (" + how + "). Mint the device anew.");
}

File open(const std::string& path) {
  File file(fopen(path.c_str(), "r"), fclose);
  if (file) return file;
  throw UsageError(path + " cannot be read (" + strerror(errno) +
                   "). Name a folder that pki/mint has made: it holds ca.pem, cert.pem, key.pem and device.json.");
}

Certificate readCertificate(const std::string& path) {
  const File file = open(path);
  Certificate certificate(PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) damaged(path, "no certificate in it");
  return certificate;
}

Key readKey(const std::string& path) {
  const File file = open(path);
  Key key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (!key) damaged(path, "no private key in it");
  return key;
}

void readJson(const std::string& path, Identity& identity) {
  open(path);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  const std::string json = text.str();
  JsonObject device, broker;
  JsonObject::Value id, inner, host, port;
  if (!device.parse(json.data(), json.size())) damaged(path, "not a JSON object");
  if (!device.find("id", id) || !id.isString() || !isDeviceId(id.text, id.length)) damaged(path, "id");
  if (!device.find("broker", inner) || !broker.parse(inner.text, inner.length)) damaged(path, "broker");
  if (!broker.find("host", host) || !host.isString() || host.length == 0) damaged(path, "broker.host");
  uint64_t number = 0;
  if (!broker.find("port", port) || !port.integer(number) || number < 1 || number > 65535) damaged(path, "broker.port");
  identity.id.assign(id.text, id.length);
  identity.host.assign(host.text, host.length);
  identity.port = static_cast<uint16_t>(number);
}

}  // namespace

Identity readIdentity(const std::string& folder) {
  Identity identity;
  identity.caFile = folder + "/ca.pem";
  identity.certFile = folder + "/cert.pem";
  identity.keyFile = folder + "/key.pem";
  readJson(folder + "/device.json", identity);
  readCertificate(identity.caFile);
  const Certificate certificate = readCertificate(identity.certFile);
  const Key key = readKey(identity.keyFile);

  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    throw UsageError(folder + ": key.pem is not the key of cert.pem. The folder holds parts of two devices; mint anew.");
  }
  char name[128] = "nobody";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  if (identity.id != name) {
    throw UsageError(folder + ": the certificate is for " + name + ", device.json says " + identity.id + ". Mint anew.");
  }
  tm end = {};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) damaged(identity.certFile, "its end");
  identity.notAfter = static_cast<uint64_t>(timegm(&end)) * 1000;
  return identity;
}

}  // namespace sconce
