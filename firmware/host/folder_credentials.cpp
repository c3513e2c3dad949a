#include "folder_credentials.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

#include <memory>

#include <renewal.h>
#include <trust.h>

namespace sconce {

namespace {

using File = std::unique_ptr<FILE, int (*)(FILE*)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::vector<Certificate> readCertificates(const std::string& path) {
  std::vector<Certificate> certificates;
  const File file(fopen(path.c_str(), "re"), fclose);
  while (file) {
    Certificate next(PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
    if (!next) break;
    certificates.push_back(std::move(next));
  }
  // The end of the file is an error, too, which the connection that is up would take for its own.
  ERR_clear_error();
  return certificates;
}

std::vector<uint8_t> derOf(const Certificate& certificate) {
  std::vector<uint8_t> der(static_cast<size_t>(i2d_X509(certificate.get(), nullptr)));
  uint8_t* at = der.data();
  i2d_X509(certificate.get(), &at);
  return der;
}

bool isKeyOf(const std::string& path, const Certificate& certificate) {
  const File file(fopen(path.c_str(), "re"), fclose);
  if (!file) return false;
  const Key key(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const bool good = key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return good;
}

Bytes bytesOf(const std::vector<uint8_t>& der) {
  return {der.data(), der.size()};
}

}  // namespace

FolderCredentials::FolderCredentials(IdentityFolder& identity) : identity_(identity), folder_(identity.folder) {
  trustAnew();
  for (const Which which : {Which::RENEWED, Which::FORMER, Which::MINTED}) {
    if (use(which)) break;
  }
}

bool FolderCredentials::use(Which which) {
  const std::string renewed = folder_ + "/" + (which == Which::RENEWED ? Renewal::kFile : Renewal::kFormerFile);
  const bool minted = which == Which::MINTED;
  const std::string certFile = minted ? folder_ + "/cert.pem" : renewed, keyFile = minted ? folder_ + "/key.pem" : renewed;
  const std::vector<Certificate> certificates = readCertificates(certFile);
  if (certificates.empty() || !isKeyOf(keyFile, certificates[0])) return false;
  which_ = which;
  identity_.certFile = certFile;
  identity_.keyFile = keyFile;
  certificate_ = derOf(certificates[0]);
  return true;
}

Bytes FolderCredentials::certificate() {
  return bytesOf(certificate_);
}

bool FolderCredentials::trustAnew() {
  for (const char* name : {Trust::kFile, "ca.pem"}) {
    const std::string path = folder_ + "/" + name;
    const std::vector<Certificate> certificates = readCertificates(path);
    if (certificates.empty()) continue;
    authorities_.clear();
    for (const Certificate& certificate : certificates) authorities_.push_back(derOf(certificate));
    identity_.caFile = path;
    return true;
  }
  return false;
}

Bytes FolderCredentials::authority(size_t index) {
  return index < authorities_.size() ? bytesOf(authorities_[index]) : Bytes();
}

}  // namespace sconce
