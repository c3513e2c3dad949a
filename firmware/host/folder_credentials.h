#pragma once

#include <string>
#include <vector>

#include <credentials.h>

#include "identity_folder.h"

namespace sconce {

/** Chooses which of the folder's files connections are made with, and what stands in them. */
class FolderCredentials final : public Credentials {
 public:
  /** The newest identity that is whole. `identity` must outlive this. */
  explicit FolderCredentials(IdentityFolder& identity);

  Which which() override { return which_; }
  bool use(Which which) override;
  Bytes certificate() override;
  bool trustAnew() override;
  Bytes authority(size_t index) override;

 private:
  using Der = std::vector<uint8_t>;

  IdentityFolder& identity_;
  const std::string folder_;
  Which which_ = Which::MINTED;
  Der certificate_;
  std::vector<Der> authorities_;
};

}  // namespace sconce
