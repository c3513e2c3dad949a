#include "chip_credentials.h"

#include <renewal.h>
#include <trust.h>
#include <wipe.h>

#include <new>

#include "board_files.h"

namespace sconce {

namespace {

/** A PEM file, on the heap and only for as long as it is read: the loop's stack has 4 kB in all. */
class Pem {
 public:
  Pem(Store& store, const char* name) : text_(makeBuffer(kPemBytes)) {
    const int32_t length = text_ ? store.read(name, text_.get(), kPemBytes) : -1;
    good_ = length > 0;
    // BearSSL's helpers read up to a zero.
    if (good_) text_[length] = '\0';
  }
  ~Pem() {
    if (text_) wipe(text_.get(), kPemBytes);
  }
  bool good() const { return good_; }
  const char* text() const { return text_.get(); }

 private:
  Buffer text_;
  bool good_;
};

}  // namespace

bool ChipCredentials::load(Writer& complaint) {
  if (!trustAnew()) return complainOf(complaint, "ca.pem");
  if (use(Which::RENEWED) || use(Which::FORMER) || use(Which::MINTED)) return true;
  BearSSL::X509List certificates;
  const Pem pem(store_, "cert.pem");
  return complainOf(complaint, pem.good() && certificates.append(pem.text()) ? "key.pem" : "cert.pem");
}

/** The new one is made beside the old, which goes only when the new is whole. */
bool ChipCredentials::use(Which which) {
  const bool minted = which == Which::MINTED;
  const char* const renewed = which == Which::RENEWED ? Renewal::kFile : Renewal::kFormerFile;
  std::unique_ptr<Own> own(new (std::nothrow) Own);
  if (!own) return false;
  {
    const Pem pem(store_, minted ? "cert.pem" : renewed);
    if (!pem.good() || !own->certificates.append(pem.text())) return false;
  }
  const Pem pem(store_, minted ? "key.pem" : renewed);
  if (!pem.good() || !own->key.parse(pem.text()) || !own->key.isEC()) return false;
  own_ = std::move(own);
  which_ = which;
  return changed_ = true;
}

/** Also while a connection is up: it needs its trust anchors no more, for BearSSL's client agrees to no second handshake. */
bool ChipCredentials::trustAnew() {
  const char* const files[] = {Trust::kFile, "ca.pem"};
  for (const char* file : files) {
    const Pem pem(store_, file);
    std::unique_ptr<BearSSL::X509List> authorities(new (std::nothrow) BearSSL::X509List);
    if (!pem.good() || !authorities || !authorities->append(pem.text()) || authorities->getCount() == 0) continue;
    authorities_ = std::move(authorities);
    return true;
  }
  return false;
}

Bytes ChipCredentials::bytesOf(const BearSSL::X509List& list, size_t index) {
  if (index >= list.getCount()) return {};
  const br_x509_certificate& certificate = list.getX509Certs()[index];
  return {certificate.data, certificate.data_len};
}

}  // namespace sconce
