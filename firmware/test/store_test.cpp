#include <doctest/doctest.h>

#include <cstring>
#include <map>
#include <string>

#include "fakes.h"
#include "identity.h"
#include "long_file.h"
#include "safekeeping.h"
#include "wifi_settings.h"

using namespace sconce;

namespace {

/**
 * A store whose power fails after so many steps: making a file, each byte of it, a rename's doing and its return, a
 * removal are one each. Without power nothing is done and nothing succeeds.
 */
struct FailingStore final : Store {
  int32_t read(const char* name, char* buffer, size_t capacity) override {
    const auto file = files.find(name);
    if (!powered() || file == files.end() || file->second.size() > capacity) return -1;
    memcpy(buffer, file->second.data(), file->second.size());
    return static_cast<int32_t>(file->second.size());
  }
  bool write(const char* name, const char* data, size_t length) override {
    if (!step()) return false;
    std::string& file = files[name];
    file.clear();
    return put(file, data, length);
  }
  bool put(std::string& file, const char* data, size_t length) {
    for (size_t i = 0; i < length; i++) {
      if (!step()) return false;
      file += worn ? static_cast<char>(data[i] & 0x7e) : data[i];
    }
    return step();
  }
  int32_t readPart(const char* name, size_t from, char* buffer, size_t capacity) override {
    const auto file = files.find(name);
    if (!powered() || file == files.end()) return -1;
    return static_cast<int32_t>(from < file->second.size() ? file->second.copy(buffer, capacity, from) : 0);
  }
  bool append(const char* name, const char* data, size_t length) override {
    return step() && files.count(name) > 0 && put(files[name], data, length);
  }
  bool rename(const char* from, const char* to) override {
    if (!step()) return false;
    const auto file = files.find(from);
    if (file == files.end()) return false;
    files[to] = file->second;
    files.erase(from);
    return step();
  }
  bool remove(const char* name) override { return step() && files.erase(name) > 0; }

  bool powered() const { return steps < failsAt; }
  bool step() {
    if (!powered()) return false;
    steps++;
    return true;
  }

  std::map<std::string, std::string> files;
  int steps = 0;
  int failsAt = 1000000;
  /** Keeps other bytes than it is given, and does not say so. */
  bool worn = false;
};

const std::string kDevice = R"({"id":"00112233445566778899aabbccddeeff","name":"Hall lamp board",
  "broker":{"host":"lamps.example.org","port":8883},"certificateNotAfter":1795000000000})";
const std::string kOldWifi = "Hall\nold password\n", kNewWifi = "Hall and landing\nanother, longer password\n";

/** What a board finds when it starts. Empty: not there, or not to be read. */
struct Found {
  std::string device, wifi;
  uint64_t clock = 0;
};

Found boot(Store& store) {
  Found found;
  char text[kIdentityFileBytes], words[300];
  Writer complaint(words, sizeof words);
  Identity identity;
  int32_t length = store.read("device.json", text, sizeof text);
  if (length >= 0 && readIdentity(text, static_cast<size_t>(length), identity, complaint)) found.device = identity.id;
  WifiSettings wifi;
  length = store.read("wifi.txt", text, kWifiFileBytes);
  if (length >= 0 && readWifiSettings(text, static_cast<size_t>(length), wifi, complaint)) {
    found.wifi = std::string(wifi.name) + "\n" + wifi.password + "\n";
  }
  loadNumber(store, "clock.txt", found.clock);
  return found;
}

struct Replacement {
  std::string what;
  std::map<std::string, std::string> before;
  bool (*replace)(Store&);
  Found old, fresh;
};

bool replaceWifi(Store& store) {
  WifiSettings wifi;
  char text[kWifiFileBytes], words[300];
  Writer complaint(words, sizeof words);
  const size_t length = readWifiSettings(kNewWifi.data(), kNewWifi.size(), wifi, complaint)
                            ? formatWifiSettings(text, sizeof text, wifi) : 0;
  return length > 0 && replaceFile(store, "wifi.txt", text, length);
}

bool replaceClock(Store& store) {
  return keepNumber(store, "clock.txt", 1795000000001);
}

const std::string kId = "00112233445566778899aabbccddeeff";
const Replacement kReplacements[] = {
    {"wifi.txt", {{"device.json", kDevice}, {"wifi.txt", kOldWifi}, {"clock.txt", "1794\n"}}, replaceWifi,
     {kId, kOldWifi, 1794}, {kId, kNewWifi, 1794}},
    {"clock.txt", {{"device.json", kDevice}, {"wifi.txt", kOldWifi}, {"clock.txt", "1794\n"}}, replaceClock,
     {kId, kOldWifi, 1794}, {kId, kOldWifi, 1795000000001}},
    {"the first wifi.txt", {{"device.json", kDevice}}, replaceWifi, {kId, "", 0}, {kId, kNewWifi, 0}},
    {"the first clock.txt", {{"device.json", kDevice}}, replaceClock, {kId, "", 0}, {kId, "", 1795000000001}},
};

bool operator==(const Found& a, const Found& b) {
  return a.device == b.device && a.wifi == b.wifi && a.clock == b.clock;
}

/** The power comes back: everything is as it was left. */
FailingStore restarted(const FailingStore& store) {
  FailingStore again;
  again.files = store.files;
  return again;
}

}  // namespace

TEST_CASE("store: whenever the power fails, a board finds its identity and the whole old or the whole new settings") {
  for (const Replacement& replacement : kReplacements) {
    CAPTURE(replacement.what);
    FailingStore whole;
    whole.files = replacement.before;
    REQUIRE(boot(whole) == replacement.old);
    REQUIRE(replacement.replace(whole));
    REQUIRE(boot(whole) == replacement.fresh);
    CHECK(whole.files.size() == replacement.before.size() + (replacement.before.size() == 1 ? 1 : 0));

    int sawOld = 0, sawNew = 0;
    for (int first = 0; first < whole.steps; first++) {
      FailingStore store;
      store.files = replacement.before;
      store.failsAt = first;
      CHECK_FALSE(replacement.replace(store));
      // And once more while the board tries again, on what the first time left behind.
      for (int second = 0; second <= whole.steps; second++) {
        FailingStore again = restarted(store);
        again.failsAt = second;
        const bool replaced = replacement.replace(again);
        FailingStore last = restarted(again);
        const Found found = boot(last);
        CAPTURE(first);
        CAPTURE(second);
        REQUIRE((found == replacement.old || found == replacement.fresh));
        if (replaced) REQUIRE(found == replacement.fresh);
        (found == replacement.old ? sawOld : sawNew)++;
      }
      FailingStore after = restarted(store);
      REQUIRE(replacement.replace(after));
      REQUIRE(boot(after) == replacement.fresh);
    }
    CHECK(sawOld > 0);
    CHECK(sawNew > 0);
  }
}

namespace {

/** What a board connects with when it starts: the files that ChipCredentials and FolderCredentials read, in their order. */
struct StoredCredentials final : Credentials {
  explicit StoredCredentials(FailingStore& store) : store_(store) {}
  Which which() override {
    return store_.files.count(Renewal::kFile) ? Which::RENEWED : store_.files.count(Renewal::kFormerFile) ? Which::FORMER : Which::MINTED;
  }
  std::string identity() {
    const Which one = which();
    return one == Which::MINTED ? "minted" : store_.files[one == Which::RENEWED ? Renewal::kFile : Renewal::kFormerFile];
  }
  std::string trusted() { return store_.files.count(Trust::kFile) ? store_.files[Trust::kFile] : "minted"; }
  bool use(Which) override { return true; }
  Bytes certificate() override { return decode(household::kMinted, own_); }
  bool trustAnew() override { return true; }
  Bytes authority(size_t index) override { return index == 0 ? decode(household::kServices, services_) : Bytes(); }

 private:
  static Bytes decode(const char* text, uint8_t (&der)[660]) {
    Base64 base64;
    base64.read(text, strlen(text));
    return {der, base64.decode(0, der, sizeof der)};
  }
  FailingStore& store_;
  uint8_t own_[660], services_[660];
};

/** One start of a board: what it does, with what it finds; `false`: it was refused, or the power failed. */
struct Start {
  explicit Start(FailingStore& given) : store(given) { keys.believes = true; }
  bool install() {
    Base64 certificate;
    certificate.read(household::kRenewed, sizeof household::kRenewed - 1);
    return Renewal(keys, credentials, store, random, kId.c_str(), scratch).install(certificate, HandClock::kEpoch).done;
  }
  bool trust() {
    Base64 certificate, signature;
    certificate.read(household::kNextServices, sizeof household::kNextServices - 1);
    signature.read("MAYCAQECAQE=", 12);
    return Trust(keys, credentials, store, scratch).trust(certificate, signature, true).done;
  }
  FailingStore& store;
  HandKeys keys;
  HandRandom random;
  StoredCredentials credentials{store};
  char scratch[kMessageBytes];
};

/** A board that has asked, and been told by whom the answer will be signed. */
std::map<std::string, std::string> askedFor() {
  Base64 issuer;
  issuer.read(household::kIssuing, sizeof household::kIssuing - 1);
  uint8_t der[660];
  const size_t length = issuer.decode(0, der, sizeof der);
  KeyPair key;
  memcpy(key.secret, household::kSecret, sizeof key.secret);
  memcpy(key.point, household::kPoint, sizeof key.point);
  return {{Renewal::kPendingFile, std::string(reinterpret_cast<char*>(&key), sizeof key)},
          {Renewal::kIssuerFile, std::string(reinterpret_cast<char*>(der), length)}};
}

}  // namespace

TEST_CASE("store: whenever the power fails, a board has the whole old identity or the whole new one, and the old to go back to") {
  for (const std::string old : {"minted", "the one before"}) {
    CAPTURE(old);
    std::map<std::string, std::string> before = askedFor();
    if (old != "minted") before = {{Renewal::kFile, old}, {Renewal::kFormerFile, "long ago"}, *before.begin(), *before.rbegin()};
    FailingStore whole;
    whole.files = before;
    REQUIRE(Start(whole).install());
    const std::string fresh = whole.files[Renewal::kFile];
    CHECK(fresh.find("-----BEGIN EC PRIVATE KEY-----\nMDECAQEEI") == 0);
    CHECK(whole.files.size() == (old == "minted" ? 1 : 2));
    if (old != "minted") CHECK(whole.files[Renewal::kFormerFile] == old);

    int sawOld = 0, sawNew = 0;
    for (int at = 0; at < whole.steps; at++) {
      CAPTURE(at);
      FailingStore store;
      store.files = before;
      store.failsAt = at;
      Start(store).install();
      FailingStore again = restarted(store);
      const std::string found = StoredCredentials(again).identity();
      REQUIRE((found == old || found == fresh));
      (found == old ? sawOld : sawNew)++;
      // What was left behind is no hindrance.
      if (found == old) REQUIRE(Start(again).install());
      REQUIRE(StoredCredentials(again).identity() == fresh);
      if (old != "minted") REQUIRE(again.files[Renewal::kFormerFile] == old);
    }
    CHECK(sawOld > 1000);
    CHECK(sawNew > 0);

    FailingStore worn;
    worn.files = before;
    worn.worn = true;
    CHECK_FALSE(Start(worn).install());
    CHECK(worn.files == before);
  }
}

TEST_CASE("store: whenever the power fails, a board trusts whom it did, or whom it is to") {
  for (const std::string old : {"minted", "the ones before"}) {
    FailingStore whole;
    if (old != "minted") whole.files = {{Trust::kFile, old}};
    const auto before = whole.files;
    REQUIRE(Start(whole).trust());
    const std::string fresh = whole.files[Trust::kFile];
    CHECK(fresh.find("-----BEGIN CERTIFICATE-----\n") == 0);
    for (int at = 0; at < whole.steps; at++) {
      FailingStore store;
      store.files = before;
      store.failsAt = at;
      CHECK_FALSE(Start(store).trust());
      FailingStore again = restarted(store);
      const std::string found = StoredCredentials(again).trusted();
      REQUIRE((found == old || found == fresh));
      REQUIRE(Start(again).trust());
      REQUIRE(StoredCredentials(again).trusted() == fresh);
    }
  }
}

TEST_CASE("store: flash that keeps something else than it was given spoils nothing, and is noticed") {
  for (const Replacement& replacement : kReplacements) {
    CAPTURE(replacement.what);
    FailingStore store;
    store.files = replacement.before;
    store.worn = true;
    CHECK_FALSE(replacement.replace(store));
    CHECK(boot(store) == replacement.old);
    CHECK(store.files == replacement.before);
  }
}

TEST_CASE("store: what is too long for a board is refused before anything is touched") {
  FailingStore store;
  store.files = {{"a", "old"}};
  const std::string most(kReplaceBytes, 'x'), more(kReplaceBytes + 1, 'x');
  const std::string longName(kFileNameBytes - 1, 'n'), longerName(kFileNameBytes, 'n');
  CHECK_FALSE(replaceFile(store, "a", more.data(), more.size()));
  CHECK_FALSE(replaceFile(store, longerName.c_str(), "b", 1));
  CHECK(store.steps == 0);
  CHECK(replaceFile(store, "a", most.data(), most.size()));
  CHECK(replaceFile(store, longName.c_str(), "b", 1));
  CHECK(replaceFile(store, "empty", "", 0));
  CHECK(store.files == std::map<std::string, std::string>{{"a", most}, {longName, "b"}, {"empty", ""}});
}

TEST_CASE("store: a number comes back as it was kept; a damaged one counts as not there") {
  FailingStore store;
  for (const uint64_t number : {uint64_t{0}, uint64_t{9}, uint64_t{1795000000000}, UINT64_MAX}) {
    uint64_t back = 1;
    CHECK(keepNumber(store, "clock.txt", number));
    CHECK(loadNumber(store, "clock.txt", back));
    CHECK(back == number);
  }
  for (const std::string text : {"", "\n", "1795", "1795 \n", "-1\n", "+1\n", "1.5\n", "1\n2\n", "0x1\n", "17\r\n",
                           "18446744073709551616\n", "99999999999999999999\n", "000000000000000000001\n"}) {
    CAPTURE(text);
    store.files["clock.txt"] = text;
    uint64_t back = 7;
    CHECK_FALSE(loadNumber(store, "clock.txt", back));
    CHECK(back == 7);
  }
  uint64_t back = 7;
  CHECK_FALSE(loadNumber(store, "other.txt", back));
}

TEST_CASE("store: the Wi-Fi's settings are loaded as they were kept") {
  FailingStore store;
  char words[200];
  Writer complaint(words, sizeof words);
  WifiSettings settings, loaded = {};
  CHECK(!loadWifiSettings(store, loaded, complaint));
  CHECK(std::string(words).find("wifi.txt") != std::string::npos);
  for (const std::string& password : {std::string(), std::string("good password"), std::string(64, 'a')}) {
    CAPTURE(password);
    const std::string name(32, 'h');
    REQUIRE(makeWifiSettings(name.data(), name.size(), password.data(), password.size(), settings, complaint));
    CHECK(keepWifiSettings(store, settings));
    CHECK(loadWifiSettings(store, loaded, complaint));
    CHECK(std::string(loaded.name) == name);
    CHECK(std::string(loaded.password) == password);
  }
  store.worn = true;
  CHECK(!keepWifiSettings(store, settings));
}
