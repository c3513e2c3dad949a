// A board and its certificates, with the chip's arithmetic, against what openssl signs and reads.
#include <doctest/doctest.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bearssl_keys.h"
#include "certificate.h"
#include "certificate_request.h"
#include "fakes.h"
#include "judge.h"

using namespace sconce;
using State = Board::State;
using Which = Credentials::Which;

namespace {

/** As on the host and, but for the stack and the noise, on the chip. */
struct RealKeys final : Keys {
  bool make(KeyPair& key) override {
    uint8_t seed[kSeedBytes];
    return getrandom(seed, sizeof seed, 0) == static_cast<ssize_t>(sizeof seed) && sconceMakeKey(seed, key.secret, key.point);
  }
  size_t sign(const KeyPair& key, const uint8_t* data, size_t length, uint8_t* signature) override {
    uint8_t sha256[kSha256Bytes];
    digest(data, length, sha256);
    return sconceSign(key.secret, sha256, signature);
  }
  bool isSigned(const uint8_t* point, const uint8_t (&sha256)[kSha256Bytes], const uint8_t* signature, size_t length) override {
    return sconceIsSigned(point, sha256, signature, length);
  }
  void digest(const uint8_t* data, size_t length, uint8_t (&sha256)[kSha256Bytes]) override { sconceDigest(data, length, sha256); }
} real;

constexpr char kId[] = "00112233445566778899aabbccddeeff";

/** A folder in which openssl is asked. */
struct Openssl {
  Openssl() {
    char name[] = "/tmp/sconce-renewal-XXXXXX";
    dir = mkdtemp(name);
    write("a.cnf",
          "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\n[authority]\nbasicConstraints=critical,CA:true\n"
          "[device]\nbasicConstraints=critical,CA:false\nextendedKeyUsage=clientAuth\n"
          "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\nunique_subject=no\n"
          "policy=p\n[p]\ncommonName=supplied\n");
    write("index.txt", "");
    authority("issuing");
    authority("stranger");
    authority("impostor", "issuing");
    authority("services");
    authority("next");
  }
  ~Openssl() { run("rm -r " + dir); }

  /** What it says on standard output; it must succeed. */
  std::string run(const std::string& command) {
    FILE* pipe = popen(("cd " + dir + " && " + command + " 2>err").c_str(), "r");
    REQUIRE(pipe);
    std::string said;
    char chunk[1000];
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, pipe)) > 0;) said.append(chunk, got);
    CAPTURE(command);
    CAPTURE(read("err"));
    CHECK(pclose(pipe) == 0);
    return said;
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(dir + "/" + name) << text; }
  std::string read(const std::string& name) {
    std::stringstream text;
    text << std::ifstream(dir + "/" + name).rdbuf();
    return text.str();
  }
  void key(const std::string& name) { run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + name + ".key"); }
  void authority(const std::string& name) { authority(name, name); }
  void authority(const std::string& name, const std::string& called) {
    key(name);
    run("openssl req -x509 -new -config a.cnf -extensions authority -key " + name + ".key -subj '/CN=" + called + "' -days 30 -out " + name + ".pem");
  }
  /** base64 of DER */
  std::string base64(const std::string& pemFile) { return run("openssl x509 -in " + pemFile + " -outform DER | openssl base64 -A"); }
  /** Signs request.der. `more`: options of openssl ca. */
  std::string sign(const std::string& by = "issuing", const std::string& more = "-days 20", const std::string& profile = "device") {
    run("openssl ca -batch -notext -rand_serial -config a.cnf -extfile a.cnf -extensions " + profile + " -in request.pem -keyfile " + by +
        ".key -cert " + by + ".pem -out signed.pem " + more);
    return base64("signed.pem");
  }
  std::string dir;
};

/** A board with the real arithmetic and the real time of day, and its household. */
struct House {
  explicit House(const HandStore& kept = HandStore()) : bench(std::make_unique<Bench>(HandMachine(), kept)) {
    bench->keys.real = &real;
    // Each a minute after the one before, whose time it may have kept.
    static int64_t minutes = 0;
    bench->clock.offset = static_cast<int64_t>(time(nullptr)) * 1000 + 60000 * minutes++ - static_cast<int64_t>(HandClock::kEpoch);
    bench->run(300);
    REQUIRE(bench->board.state() == State::SERVING);
  }

  std::string tell(const std::string& body) {
    char id[37];
    Bench::numberToId(++number, id);
    bench->ask(number, body.c_str(), 4000 + bench->clock.offset);
    bench->run(2);
    // Something else may have been said after it.
    for (size_t back = 0; back < 6; back++) {
      const std::string said = bench->link.last(back).payload;
      if (said.find(id) == std::string::npos) continue;
      CHECK(judgeMessage("ack", said));
      return word(said, "outcome") + (said.find("reason") == std::string::npos ? "" : " " + word(said, "reason"));
    }
    return "nothing";
  }
  static std::string word(const std::string& said, const std::string& key) {
    const size_t at = said.find("\"" + key + "\":\"");
    if (at == std::string::npos) return "";
    const size_t from = at + key.size() + 4;
    return said.substr(from, said.find('"', from) - from);
  }
  std::string issuer(const std::string& base64) { return tell(",\"do\":\"certificate.issuer\",\"certificate\":\"" + base64 + "\""); }
  std::string install(const std::string& base64) { return tell(",\"do\":\"certificate.install\",\"certificate\":\"" + base64 + "\""); }
  std::string trust(const std::string& base64, const std::string& signature, bool alone) {
    return tell(",\"do\":\"authority.trust\",\"certificate\":\"" + base64 + "\",\"signature\":\"" + signature + "\",\"alone\":" +
                (alone ? "true" : "false"));
  }
  /** The newest message of a channel. */
  std::string said(const std::string& channel) {
    for (size_t back = 0; back < HandLink::kSaid && back < bench->link.saidCount; back++) {
      const HandLink::Message& message = bench->link.last(back);
      if (std::string(message.topic) == std::string("sconce/v1/") + kId + "/" + channel) {
        CHECK(judgeMessage(channel, message.payload));
        return message.payload;
      }
    }
    return "";
  }
  /** Asks for a request and leaves it for openssl. */
  void request(Openssl& openssl) {
    CHECK(tell(",\"do\":\"certificate.renew\"") == "transmitted");
    bench->run(2);
    openssl.write("request.b64", word(said("certificate"), "request"));
    openssl.run("openssl base64 -d -A -in request.b64 -out request.der && openssl req -inform DER -in request.der -out request.pem");
  }
  std::unique_ptr<Bench> bench;
  unsigned number = 0;
};

Bytes bytesOf(const std::string& der) {
  return {reinterpret_cast<const uint8_t*>(der.data()), der.size()};
}

std::string hexOf(Bytes bytes) {
  std::string digits;
  for (size_t i = 0; i < bytes.length; i++) {
    char two[3];
    snprintf(two, sizeof two, "%02X", bytes.data[i]);
    digits += two;
  }
  return digits;
}

}  // namespace

TEST_CASE("keys: what BearSSL makes and signs, openssl accepts; what openssl signs, BearSSL does; and nothing else") {
  Openssl openssl;
  KeyPair key, other;
  REQUIRE(real.make(key));
  REQUIRE(real.make(other));
  CHECK(memcmp(key.secret, other.secret, sizeof key.secret) != 0);

  uint8_t request[kRequestBytes];
  for (int i = 0; i < 20; i++) {
    // The signature's length is one of several.
    const size_t length = makeRequest(real, kId, key, request);
    REQUIRE(length > 0);
    REQUIRE(length <= kRequestBytes);
    openssl.write("request.der", std::string(reinterpret_cast<char*>(request), length));
    const std::string text = openssl.run("openssl req -inform DER -in request.der -noout -verify -text -nameopt RFC2253");
    CHECK(text.find(std::string("Subject: CN=") + kId + "\n") != std::string::npos);
    CHECK(text.find("NIST CURVE: P-256") != std::string::npos);
    CHECK(text.find("Attributes:\n            (none)\n") != std::string::npos);
    CHECK(text.find("X509v3") == std::string::npos);
    if (i % 2) REQUIRE(real.make(key));
  }

  uint8_t sha256[kSha256Bytes];
  const std::string text = "what is to be signed";
  real.digest(reinterpret_cast<const uint8_t*>(text.data()), text.size(), sha256);
  openssl.write("text", text);
  CHECK(openssl.run("openssl dgst -sha256 -r text").substr(0, 8) == [&] {
    char digits[9];
    snprintf(digits, sizeof digits, "%02x%02x%02x%02x", sha256[0], sha256[1], sha256[2], sha256[3]);
    return std::string(digits);
  }());
  const std::string der = openssl.run("openssl x509 -in issuing.pem -outform DER");
  Certificate certificate;
  REQUIRE(readCertificate(bytesOf(der), certificate));
  std::string signature = openssl.run("openssl dgst -sha256 -sign issuing.key text");
  const auto accepts = [&](const uint8_t* point, const std::string& by) {
    return real.isSigned(point, sha256, reinterpret_cast<const uint8_t*>(by.data()), by.size());
  };
  CHECK(accepts(certificate.point, signature));
  CHECK_FALSE(accepts(other.point, signature));
  CHECK_FALSE(accepts(certificate.point, signature.substr(0, signature.size() - 1)));
  for (size_t i = 0; i < signature.size(); i++) {
    std::string bent = signature;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    CHECK_FALSE(accepts(certificate.point, bent));
  }
}

TEST_CASE("certificates: read as openssl reads them, whatever their dates and names") {
  Openssl openssl;
  openssl.key("board");
  openssl.run(std::string("openssl req -new -config a.cnf -key board.key -subj /CN=") + kId + " -out request.pem");
  const struct { const char* start; const char* end; uint64_t notBefore, notAfter; } cases[] = {
      {"20260101000000Z", "20281231235959Z", 1767225600000, 1861919999000},
      {"20491231235959Z", "20500101000000Z", 2524607999000, 2524608000000},
      {"19700101000000Z", "99991231235959Z", 0, 253402300799000},
      {"20240229120000Z", "21000301000000Z", 1709208000000, 4107542400000},
  };
  for (const auto& [start, end, notBefore, notAfter] : cases) {
    CAPTURE(start);
    openssl.sign("issuing", std::string("-startdate ") + start + " -enddate " + end);
    const std::string der = openssl.run("openssl x509 -in signed.pem -outform DER");
    Certificate certificate;
    REQUIRE(readCertificate(bytesOf(der), certificate));
    CHECK(certificate.notBefore == notBefore);
    CHECK(certificate.notAfter == notAfter);
    CHECK(std::string(reinterpret_cast<const char*>(certificate.commonName.data), certificate.commonName.length) == kId);
    CHECK_FALSE(certificate.isAuthority);
    const std::string serial = openssl.run("openssl x509 -in signed.pem -noout -serial");
    CHECK("serial=" + hexOf(certificate.serial) + "\n" == serial);

    const std::string issuerDer = openssl.run("openssl x509 -in issuing.pem -outform DER");
    const std::string strangerDer = openssl.run("openssl x509 -in stranger.pem -outform DER");
    Certificate issuer, stranger;
    REQUIRE(readCertificate(bytesOf(issuerDer), issuer));
    REQUIRE(readCertificate(bytesOf(strangerDer), stranger));
    CHECK(issuer.isAuthority);
    CHECK(same(certificate.issuer, issuer.subject));
    CHECK_FALSE(same(certificate.issuer, stranger.subject));
    CHECK(isSignedBy(real, certificate, issuer.point));
    CHECK_FALSE(isSignedBy(real, certificate, stranger.point));

    // Cut at each byte, and each byte bent: read or not, never beyond the end (the sanitizer looks), never believed.
    for (size_t i = 0; i < der.size(); i++) {
      const std::vector<uint8_t> cut(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(i));
      Certificate part;
      CHECK_FALSE(readCertificate({cut.data(), cut.size()}, part));
      std::vector<uint8_t> bent(der.begin(), der.end());
      for (const int bit : {1, 0x80}) {
        bent[i] = static_cast<uint8_t>(bent[i] ^ bit);
        if (i % 8 == 0 && readCertificate({bent.data(), bent.size()}, part)) CHECK_FALSE(isSignedBy(real, part, issuer.point));
        else readCertificate({bent.data(), bent.size()}, part);
      }
    }
  }
  openssl.run("openssl genrsa -out rsa.key 2048 && openssl req -x509 -new -config a.cnf -key rsa.key -subj /CN=rsa -days 2 -out rsa.pem");
  openssl.run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.key && "
              "openssl req -x509 -new -config a.cnf -key p384.key -subj /CN=p384 -days 2 -out p384.pem");
  for (const char* name : {"rsa", "p384"}) {
    Certificate certificate;
    const std::string der = openssl.run(std::string("openssl x509 -outform DER -in ") + name + ".pem");
    CHECK_FALSE(readCertificate(bytesOf(der), certificate));
  }
}

TEST_CASE("renewal: a board asks, takes what fits and connects anew with it; the next start knows it") {
  Openssl openssl;
  House house;
  Bench& bench = *house.bench;
  CHECK(house.issuer(openssl.base64("issuing.pem")) == "refused not_asked");
  CHECK(house.install(openssl.base64("issuing.pem")) == "refused not_asked");
  house.request(openssl);
  const std::string good = openssl.sign();
  CHECK(house.install(good) == "refused not_asked");
  CHECK(house.issuer(household::kMinted) == "refused wrong_certificate");
  CHECK(house.issuer(openssl.base64("issuing.pem")) == "transmitted");

  for (const auto& [why, certificate] : std::vector<std::pair<std::string, std::string>>{
           {"it has ended", openssl.sign("issuing", "-startdate 20200101000000Z -enddate 20200201000000Z")},
           {"it begins in years", openssl.sign("issuing", "-startdate 20900101000000Z -enddate 20910101000000Z")},
           {"another's name", openssl.sign("issuing", "-days 2 -subj /CN=10112233445566778899aabbccddeeff")},
           {"a longer name", openssl.sign("issuing", "-days 2 -subj /CN=00112233445566778899aabbccddeeff0")},
           {"by another", openssl.sign("stranger")},
           {"by another of the same name", openssl.sign("impostor")},
           {"an authority", openssl.sign("issuing", "-days 2", "authority")},
           {"another key", household::kRenewed},
       }) {
    CAPTURE(why);
    CHECK(house.install(certificate) == "refused wrong_certificate");
  }
  CHECK(bench.credentials.which() == Which::MINTED);
  CHECK(bench.link.connects == 1);

  CHECK(house.install(good) == "transmitted");
  bench.run(20);
  CHECK(bench.board.state() == State::SERVING);
  CHECK(bench.link.connects == 2);
  CHECK(bench.link.goodbyes == 1);
  CHECK(bench.credentials.which() == Which::RENEWED);
  openssl.write("signed.b64", good);
  openssl.run("openssl base64 -d -A -in signed.b64 -out good.der");
  openssl.write("renewed.pem", std::string(bench.store.find("renewed.pem")->data, bench.store.find("renewed.pem")->length));
  openssl.run("openssl x509 -in renewed.pem -outform DER -out kept.der && cmp kept.der good.der");
  CHECK(openssl.run("openssl x509 -in renewed.pem -noout -pubkey") == openssl.run("openssl pkey -in renewed.pem -pubout"));
  openssl.run("sed -n '/BEGIN CERT/,$p' renewed.pem | awk '/BEGIN/{n++} n==2' > chain.pem && openssl verify -CAfile chain.pem renewed.pem");
  const std::string serial = openssl.run("openssl x509 -inform DER -in good.der -noout -serial | tr A-F a-f | sed 's/.*=0*//'");
  CHECK(house.word(house.said("info"), "certificateSerial") + "\n" == serial);
  CHECK_FALSE(bench.store.find(Renewal::kPendingFile));
  CHECK_FALSE(bench.store.find(Renewal::kIssuerFile));
  CHECK(house.install(good) == "refused not_asked");

  House later(bench.store);
  CHECK(later.bench->credentials.which() == Which::RENEWED);
  CHECK(later.word(later.said("info"), "certificateSerial") + "\n" == serial);
}

TEST_CASE("renewal: the key outlives a restart; a request that is repeated is for the same key, three times") {
  Openssl openssl;
  House house;
  house.request(openssl);
  const std::string good = openssl.sign();
  House later(house.bench->store);
  CHECK(later.issuer(openssl.base64("issuing.pem")) == "transmitted");
  CHECK(later.install(good) == "transmitted");

  House asking;
  std::vector<std::string> keys;
  for (int i = 0; i < 4; i++) {
    asking.request(openssl);
    keys.push_back(openssl.run("openssl req -in request.pem -noout -pubkey"));
  }
  CHECK(keys[0] == keys[1]);
  CHECK(keys[0] == keys[2]);
  CHECK(keys[0] != keys[3]);
}

TEST_CASE("renewal: by itself from two thirds on, not before, and again if no answer comes") {
  // 2026-01-01 to 2035-01-01: two thirds are over at the end of 2031.
  Bench bench;
  const auto asked = [&] { return bench.log.of(Happening::Event::RENEWAL); };
  constexpr uint64_t kBegin = 1767225600000, kEnd = 2051222400000;
  constexpr uint64_t kDue = kBegin + (kEnd - kBegin) / 3 * 2;
  bench.clock.offset = static_cast<int64_t>(kDue - HandClock::kEpoch) - 2000;
  bench.run(1900);
  CHECK(asked() == 0);
  bench.run(200);
  CHECK(asked() == 1);
  CHECK(judgeMessage("certificate", bench.link.last().payload));
  bench.run(3590000);
  CHECK(asked() == 1);
  bench.run(920000);
  CHECK(asked() == 2);

  // While a code is on the air nothing is made or written; after it, at once.
  bench.ask(1, ",\"do\":\"rf.send\",\"code\":1,\"bits\":24,\"protocol\":1,\"pulse\":350,\"repeat\":10", bench.clock.offset + 4000);
  bench.ask(2, ",\"do\":\"certificate.renew\"", bench.clock.offset + 4000);
  bench.run(300);
  CHECK(asked() == 2);
  bench.run(300);
  CHECK(asked() == 3);

  Bench keyless;
  keyless.keys.works = false;
  keyless.run(5);
  const size_t said = keyless.link.saidCount;
  keyless.ask(1, ",\"do\":\"certificate.renew\"");
  keyless.run(5);
  CHECK(keyless.keys.makes == 1);
  CHECK(keyless.link.saidCount == said + 1);
  CHECK(keyless.board.state() == State::SERVING);
}

TEST_CASE("renewal: refused three times with its own certificate, a board tries the one before, if that has not ended") {
  Openssl openssl;
  for (const bool formerEnded : {false, true}) {
    CAPTURE(formerEnded);
    House house;
    Bench& bench = *house.bench;
    if (formerEnded) bench.clock.offset = 2051222400000 - static_cast<int64_t>(HandClock::kEpoch) + 86400000;
    if (formerEnded) bench.run(10);
    // Signed so that it is good on both days.
    house.request(openssl);
    const std::string good = openssl.sign("issuing", "-startdate 20260101000000Z -enddate 20450101000000Z");
    CHECK(house.issuer(openssl.base64("issuing.pem")) == "transmitted");
    bench.link.fault = Fault::OWN_CERTIFICATE_NOT_TRUSTED;
    bench.link.refuses = true;
    CHECK(house.install(good) == "transmitted");
    const int connects = bench.link.connects;
    while (bench.link.connects < connects + 2) bench.run(1);
    CHECK(bench.credentials.which() == Which::RENEWED);
    bench.run(4000);
    CHECK(bench.credentials.which() == (formerEnded ? Which::RENEWED : Which::MINTED));
    bench.link.refuses = false;
    bench.run(70000);
    CHECK(bench.board.state() == State::SERVING);

    // What is asked for now takes the place of the refused one; the one that is let in stays to go back to.
    if (formerEnded) continue;
    house.request(openssl);
    const std::string better = openssl.sign();
    CHECK(house.issuer(openssl.base64("issuing.pem")) == "transmitted");
    CHECK(house.install(better) == "transmitted");
    bench.run(20);
    CHECK(bench.credentials.which() == Which::RENEWED);
    CHECK_FALSE(bench.store.find(Renewal::kFormerFile));
    house.request(openssl);
    CHECK(house.issuer(openssl.base64("issuing.pem")) == "transmitted");
    CHECK(house.install(openssl.sign()) == "transmitted");
    bench.run(20);
    REQUIRE(bench.store.find(Renewal::kFormerFile));
  }
}

TEST_CASE("renewal: what is no refusal of its own certificate changes nothing, however often it comes") {
  Openssl openssl;
  House house;
  Bench& bench = *house.bench;
  house.request(openssl);
  CHECK(house.issuer(openssl.base64("issuing.pem")) == "transmitted");
  CHECK(house.install(openssl.sign()) == "transmitted");
  bench.run(20);
  bench.link.refuses = true;
  for (const Fault fault : {Fault::PORT_CLOSED, Fault::CLOSED_EARLY, Fault::BROKER_CERTIFICATE_NOT_TRUSTED, Fault::SILENT}) {
    bench.link.fault = fault;
    bench.link.tell(LinkEvent::Kind::LOST);
    bench.run(200000);
    CHECK(bench.credentials.which() == Which::RENEWED);
  }
}

TEST_CASE("renewal: a new connection waits for the radio and for an update") {
  Openssl openssl;
  House house;
  Bench& bench = *house.bench;
  house.request(openssl);
  CHECK(house.issuer(openssl.base64("issuing.pem")) == "transmitted");
  const std::string good = openssl.sign();
  bench.keys.believes = true;
  bench.keys.real = nullptr;
  CHECK(house.tell(",\"do\":\"update.begin\",\"size\":1000,\"signedAt\":" + std::to_string(HandClock::kEpoch + 1000) +
                   ",\"signature\":\"MAYCAQECAQE=\",\"sha256\":\"" + std::string(64, '0') + "\"") == "transmitted");
  bench.keys.real = &real;
  CHECK(house.install(good) == "transmitted");
  bench.run(60000);
  CHECK(bench.link.connects == 1);
  // The update is given up after two minutes without a word.
  bench.run(62000);
  CHECK(bench.link.connects == 2);
  CHECK(bench.slot.abandons == 1);
}

TEST_CASE("trust: an authority is taken on the word of one that is trusted, besides it or alone") {
  Openssl openssl;
  HandStore kept;
  // The household that the board was minted in.
  const std::string services = openssl.read("services.pem");
  REQUIRE(kept.write(Trust::kFile, services.data(), services.size()));
  House house(kept);
  const std::string next = openssl.base64("next.pem");
  const auto fingerprint = [&](const char* name) {
    return openssl.run(std::string("openssl x509 -outform DER -in ") + name + ".pem | openssl dgst -sha256 -r").substr(0, 16);
  };
  const auto named = [&](const char* by, const char* how, const char* whom = "next") {
    const std::string digest = openssl.run(std::string("openssl x509 -outform DER -in ") + whom + ".pem | openssl dgst -sha256 -r").substr(0, 64);
    openssl.write("text", std::string("sconce authority v1\n") + how + "\n" + digest + "\n");
    return openssl.run(std::string("openssl dgst -sha256 -sign ") + by + ".key text | openssl base64 -A");
  };
  const auto trusts = [&] {
    const std::string said = house.said("info");
    const size_t at = said.find("\"trusts\":[");
    return said.substr(at + 10, said.find(']', at) - at - 10);
  };
  const std::string a = "\"" + fingerprint("services") + "\"", b = "\"" + fingerprint("next") + "\"";
  CHECK(trusts() == a);
  for (const auto& [why, signature, alone] : std::vector<std::tuple<std::string, std::string, bool>>{
           {"by itself", named("next", "add"), false}, {"by a stranger", named("stranger", "add"), false},
           {"add for alone", named("services", "add"), true}, {"alone for add", named("services", "alone"), false},
           {"for another", named("services", "add", "stranger"), false}}) {
    CAPTURE(why);
    CHECK(house.trust(next, signature, alone) == "refused not_signed");
  }
  CHECK(house.trust(household::kMinted, named("services", "add"), false) == "refused wrong_certificate");
  CHECK(trusts() == a);
  CHECK(house.trust(next, named("services", "add"), false) == "transmitted");
  CHECK(trusts() == a + "," + b);
  CHECK(house.trust(next, named("services", "add"), false) == "transmitted");
  CHECK(trusts() == a + "," + b);
  {
    House later(house.bench->store);
    CHECK(later.said("info").find(a + "," + b) != std::string::npos);
  }
  CHECK(house.trust(next, named("next", "alone"), true) == "transmitted");
  CHECK(trusts() == b);
  CHECK(house.trust(openssl.base64("services.pem"), named("services", "add", "services"), false) == "refused not_signed");
  CHECK(house.bench->link.connects == 1);

  house.bench->store.works = false;
  CHECK(house.trust(openssl.base64("services.pem"), named("next", "add", "services"), false) == "failed hardware");
  CHECK(trusts() == b);
}
