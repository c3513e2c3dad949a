#include "identity_folder.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "pin_map.h"
#include "usage_error.h"
#include "wifi_settings.h"

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

std::string readText(const std::string& path) {
  open(path);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/** Reads a file by the reader that the chip has. */
template <typename Settings>
void readBy(bool (*reader)(const char*, size_t, Settings&, Writer&), const std::string& folder, const std::string& name,
            size_t capacity, Settings& settings) {
  const std::string text = readText(folder + "/" + name);
  char words[300];
  Writer complaint(words, sizeof words);
  if (text.size() > capacity) {
    throw UsageError(folder + "/" + name + " has more than " + std::to_string(capacity) + " bytes. Shorten it.");
  }
  if (!reader(text.data(), text.size(), settings, complaint)) throw UsageError(folder + ": " + words);
}

void readSettings(const std::string& folder, IdentityFolder& identity) {
  if (access((folder + "/pins.txt").c_str(), F_OK) == 0) {
    PinMap pins;
    readBy(readPinMap, folder, "pins.txt", kPinFileBytes, pins);
    identity.relays.assign(pins.relays, pins.relays + pins.relayCount);
  }
  WifiSettings wifi;
  if (access((folder + "/wifi.txt").c_str(), F_OK) == 0) readBy(readWifiSettings, folder, "wifi.txt", kWifiFileBytes, wifi);
}

}  // namespace

IdentityFolder readIdentityFolder(const std::string& folder) {
  IdentityFolder identity = {};
  identity.folder = folder;
  identity.caFile = folder + "/ca.pem";
  identity.certFile = folder + "/cert.pem";
  identity.keyFile = folder + "/key.pem";
  readBy<Identity>(readIdentity, folder, "device.json", kIdentityFileBytes, identity);
  readSettings(folder, identity);
  readCertificate(identity.caFile);
  const Certificate certificate = readCertificate(identity.certFile);
  const Key key = readKey(identity.keyFile);

  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    throw UsageError(folder + ": key.pem is not the key of cert.pem. The folder holds parts of two devices; mint anew.");
  }
  char name[128] = "nobody";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
  if (strcmp(identity.id, name) != 0) {
    throw UsageError(folder + ": the certificate is for " + name + ", device.json says " + identity.id + ". Mint anew.");
  }
  return identity;
}

}  // namespace sconce
