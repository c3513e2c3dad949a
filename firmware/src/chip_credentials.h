#pragma once

#include <WiFiClientSecure.h>
#include <credentials.h>
#include <store.h>
#include <writer.h>

#include <memory>

namespace sconce {

/** Certificates and key of the board, as BearSSL keeps them on the heap. */
class ChipCredentials final : public Credentials {
 public:
  explicit ChipCredentials(Store& store) : store_(store) {}
  /** At the start: the newest identity that is whole. `false`: there is none; `complaint` says what to do. */
  bool load(Writer& complaint);

  Which which() override { return which_; }
  bool use(Which which) override;
  Bytes certificate() override { return bytesOf(own_->certificates, 0); }
  bool trustAnew() override;
  Bytes authority(size_t index) override { return bytesOf(*authorities_, index); }

  /** For the next connection; until the next change, and only once they are loaded. */
  const BearSSL::X509List* certificates() const { return &own_->certificates; }
  const BearSSL::PrivateKey* key() const { return &own_->key; }
  const BearSSL::X509List* authorities() const { return authorities_.get(); }
  /** Whether the identity is another than at the last call. */
  bool changed() {
    const bool was = changed_;
    changed_ = false;
    return was;
  }

 private:
  struct Own {
    BearSSL::X509List certificates;
    BearSSL::PrivateKey key;
  };

  static Bytes bytesOf(const BearSSL::X509List& list, size_t index);

  Store& store_;
  std::unique_ptr<Own> own_;
  std::unique_ptr<BearSSL::X509List> authorities_;
  Which which_ = Which::MINTED;
  bool changed_ = false;
};

}  // namespace sconce
