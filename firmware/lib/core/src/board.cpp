#include "board.h"

#include "writer.h"

namespace sconce {

namespace {

/** Time to join a Wi-Fi network and be given an address: 2 to 6 s as a rule. */
constexpr uint32_t kJoinMs = 20000;
/** Time to be told the time: SNTP asks its servers in turn, 5 s each. */
constexpr uint32_t kTimeMs = 20000;
/** Long enough for the chip's handshake (1 to 2 s) over a bad line; no use in waiting longer. */
constexpr uint32_t kConnectMs = 10000;
/** A connection that ends sooner has not been a success: the next try waits longer than the one before. */
constexpr uint64_t kSteadyMicros = 10000000;
/** After a connection, wait this long for the first telemetry, so that it does not compete with the first tap. */
constexpr uint32_t kFirstTelemetryMs = 200;
/** A clean stop is given up after this. */
constexpr uint32_t kGoodbyeMs = 1500;
/** Every state ends by itself at a time that it set; one that outlives it by this much is stuck. */
constexpr uint64_t kStuckMicros = 60000000;
/** Routers are mended in less; after this the chip's own Wi-Fi is suspected, and started anew with everything else. */
constexpr uint64_t kWithoutNetworkMicros = 3600000000;
/** Events taken in one step, so that a flood of messages leaves the radio its turn. */
constexpr int kEventsAStep = 16;

using Event = Happening::Event;

}  // namespace

Board::Board(const Ports& ports, const Settings& settings, Boots& boots)
    : ports_(ports),
      settings_(settings),
      boots_(boots),
      clock_(ports.clock, ports.store, settings.builtAt),
      light_(clock_, ports.pins),
      renewal_(ports.keys, ports.credentials, ports.store, ports.random, settings.device, message_),
      trust_(ports.keys, ports.credentials, ports.store, message_),
      commands_(clock_, ports.radio, ports.pins, light_, ports.log, receiver_, outbox_, ports.slot, renewal_, trust_,
                settings.builtAt, settings.about),
      startedAt_(clock_.micros()),
      networkAt_(startedAt_) {
  lastError_[0] = '\0';
}

void Board::step() {
  commands_.step();
  hear();
  light_.step(signal());
  if (boots_.step(clock_.micros() - startedAt_)) return restart(Restart::SAFE_MODE_OVER);
  advance();
  if (state_ != State::STOPPED && clock_.micros() < due_ + kStuckMicros) ports_.machine.alive();
}

void Board::advance() {
  uint64_t now = 0;
  switch (state_) {
    case State::WIFI:
      if (ports_.network.up()) {
        state_ = State::TIME;
        awaitUntil(kTimeMs);
      } else if (isDue()) {
        lost(ports_.network.fault(), "");
      }
      break;
    case State::TIME:
      // No certificate can be checked without the time.
      if (clock_.epochMs(now)) dial();
      else if (isDue() || clock_.disbelieves(now)) withoutTime();
      break;
    case State::TLS:
    case State::MQTT:
    case State::SUBSCRIBING:
      listen();
      if (state_ < State::SERVING && isDue()) {
        ports_.link.drop();
        lost(Fault::SILENT, "");
      }
      break;
    case State::SERVING:
      listen();
      if (state_ != State::SERVING) break;
      flush();
      if (!commands_.sending()) renew();
      if (commands_.restartAsked() || mustChangeOver()) leave();
      else if (isDue()) tellTelemetry();
      break;
    case State::WAITING:
      if (commands_.restartAsked()) left();
      else if (isDue()) join();
      break;
    case State::LEAVING:
      listen();
      if (state_ != State::LEAVING) break;
      flush();
      if (isDue() || (goodbye_ == 0 && outbox_.empty())) left();
      break;
    case State::STOPPED:
      break;
  }
}

Signal Board::signal() const {
  switch (state_) {
    case State::WIFI: return Signal::NO_WIFI;
    case State::TIME: return Signal::NO_TIME;
    case State::TLS:
    case State::MQTT:
    case State::SUBSCRIBING: return Signal::NO_BROKER;
    case State::WAITING: return waitsFor_;
    case State::SERVING:
    case State::LEAVING:
    case State::STOPPED: return boots_.safeMode() ? Signal::SAFE_MODE : Signal::SERVING;
  }
  return Signal::SERVING;
}

void Board::stop() {
  stopping_ = true;
  if (state_ == State::SERVING) return leave();
  if (state_ == State::LEAVING || state_ == State::STOPPED) return;
  commands_.stop();
  ports_.link.drop();
  state_ = State::STOPPED;
}

void Board::join() {
  const uint64_t now = clock_.micros();
  if (ports_.network.up()) networkAt_ = now;
  if (now - networkAt_ >= kWithoutNetworkMicros) return restart(Restart::NO_WIFI);
  state_ = State::WIFI;
  awaitUntil(kJoinMs);
  ports_.network.join();
}

void Board::withoutTime() {
  uint64_t said = 0;
  if (!clock_.disbelieves(said)) return lost(Fault::TIME_SILENT, "");
  clock_.askAnew();
  Writer(message_, sizeof message_).iso(said);
  lost(Fault::TIME_PAST, message_);
}

void Board::dial() {
  clock_.epochMs(since_);
  handshakeMs_ = 0;
  makeTopic(willTopic_, protocol::kTopicStatus, settings_.device);
  const size_t length = formatStatus(will_, sizeof will_, false, since_);
  state_ = State::TLS;
  awaitUntil(kConnectMs);
  ports_.link.connect({willTopic_, will_, length});
}

void Board::listen() {
  for (int i = 0; i < kEventsAStep; i++) {
    const LinkEvent event = ports_.link.poll();
    if (event.kind == LinkEvent::Kind::NOTHING) return;
    take(event);
  }
}

void Board::take(const LinkEvent& event) {
  switch (event.kind) {
    case LinkEvent::Kind::NOTHING:
      return;
    case LinkEvent::Kind::SECURED:
      handshakeMs_ = event.handshakeMs;
      state_ = State::MQTT;
      return;
    case LinkEvent::Kind::ACCEPTED:
      state_ = State::SUBSCRIBING;
      makeTopic(topic_, protocol::kTopicCommand, settings_.device);
      if (ports_.link.subscribe(topic_)) return;
      ports_.link.drop();
      return lost(Fault::CONNECTION_LOST, "");
    case LinkEvent::Kind::SUBSCRIBED:
      return up();
    case LinkEvent::Kind::PUBLISHED:
      outbox_.acknowledged(event.packet);
      if (event.packet == goodbye_) goodbye_ = 0;
      return;
    case LinkEvent::Kind::MESSAGE:
      if (state_ != State::SERVING || commands_.restartAsked()) return;
      commands_.receive(event.payload, event.length);
      return flush();
    case LinkEvent::Kind::LOST:
      return lost(event.fault, event.said);
  }
}

void Board::up() {
  state_ = State::SERVING;
  renewal_.accepted();
  upAt_ = clock_.micros();
  Happening connected(Event::CONNECTED);
  Writer where(message_, sizeof message_);
  where.text(settings_.broker.host).character(':').number(settings_.broker.port);
  connected.word = message_;
  connected.ms = handshakeMs_;
  ports_.log.happened(connected);

  publish(protocol::kTopicStatus, formatStatus(message_, sizeof message_, true, since_), 1, true);
  tellInfo();
  flush();
  awaitUntil(kFirstTelemetryMs);
}

void Board::lost(Fault fault, const char* said) {
  const bool leaving = state_ == State::LEAVING;
  const bool wasUp = state_ == State::SERVING || leaving;
  uint64_t now = 0;
  clock_.epochMs(now);
  outbox_.lineLost();
  goodbye_ = 0;
  if (leaving) return left();

  const uint64_t notAfter = renewal_.notAfter();
  fault = clarify(fault, notAfter, now);
  Writer words(lastError_, sizeof lastError_);
  faultWords(words, fault, {settings_.broker, settings_.wifi, notAfter, said});
  char code[40];
  Writer codeWriter(code, sizeof code);
  faultCode(codeWriter, fault);
  Happening error(Event::ERROR);
  error.word = code;
  error.text = lastError_;
  ports_.log.happened(error);
  if (renewal_.refused(fault, now)) tellRenewal(Happening::Renewal::FORMER);

  const bool steady = wasUp && clock_.micros() - upAt_ >= kSteadyMicros;
  tries_ = steady ? 1 : tries_ + 1;
  const uint32_t wait = backoffMs(settings_.backoff, tries_, ports_.random.next());
  if (wasUp) {
    Happening disconnected(Event::DISCONNECTED);
    disconnected.text = lastError_;
    disconnected.ms = wait;
    ports_.log.happened(disconnected);
  }
  // What was missing when it failed is what the light goes on telling.
  waitsFor_ = wasUp ? Signal::NO_BROKER : signal();
  state_ = State::WAITING;
  awaitUntil(wait);
}

void Board::leave() {
  commands_.stop();
  flush();
  goodbye_ = publish(protocol::kTopicStatus, formatStatus(message_, sizeof message_, false, since_), 1, true);
  state_ = State::LEAVING;
  awaitUntil(kGoodbyeMs);
}

void Board::left() {
  ports_.link.disconnect();
  const bool stays = !stopping_ && !commands_.restartAsked();
  Happening disconnected(Event::DISCONNECTED);
  disconnected.text = stays ? "renewed" : "stopped";
  ports_.log.happened(disconnected);
  state_ = State::STOPPED;
  if (stopping_) return;
  if (!stays) return restart(commands_.restart());
  tellRenewal(Happening::Renewal::INSTALLED);
  renewal_.changeOver();
  join();
}

/** Writing to the flash and making keys stops everything for a while: not while a code is sent. */
void Board::renew() {
  clock_.keep();
  if (trust_.changed()) {
    tellRenewal(Happening::Renewal::TRUSTED);
    tellInfo();
  }
  uint64_t now = 0;
  if (!clock_.epochMs(now) || !renewal_.isDue(clock_.micros(), now)) return;
  tellRenewal(Happening::Renewal::RENEW);
  publish(protocol::kTopicCertificate, renewal_.request(clock_.micros()), 1, false);
}

/** Whoever sent the new certificate has heard that it came, and nothing is under way that a new connection would end. */
bool Board::mustChangeOver() const {
  return renewal_.installed() && outbox_.empty() && !commands_.sending() && commands_.updateAt() == kNowhere;
}

void Board::tellRenewal(Happening::Renewal step) {
  Happening renewal(Event::RENEWAL);
  renewal.renewal = step;
  ports_.log.happened(renewal);
}

void Board::restart(Restart why) {
  commands_.stop();
  state_ = State::STOPPED;
  boots_.plan(why);
  ports_.machine.restart();
}

/** While the board sends it is deaf: its own transmitter drowns everything, a metre from the remote. */
void Board::hear() {
  RfCode code;
  if (boots_.safeMode()) return;
  while (ports_.radio.heard(code)) {
    if (commands_.sending()) continue;
    const Receiver::Report report = receiver_.frame(code, clock_.micros());
    if (report == Receiver::Report::NOT) continue;
    const bool learning = report == Receiver::Report::LEARNING;
    Happening received(Event::RECEIVED);
    received.rf = code;
    received.on = learning;
    ports_.log.happened(received);
    if (state_ != State::SERVING) continue;
    publish(protocol::kTopicReceived, formatReceived(message_, sizeof message_, code, learning), 0, false);
  }
}

void Board::tellInfo() {
  Standing standing;
  renewal_.describe(standing);
  trust_.describe(standing);
  publish(protocol::kTopicInfo, formatInfo(message_, sizeof message_, settings_.about, standing, lastError_), 1, true);
}

void Board::tellTelemetry() {
  const uint64_t uptime = (clock_.micros() - startedAt_) / 1000000;
  const size_t length = formatTelemetry(message_, sizeof message_, ports_.machine.vitals(), uptime, handshakeMs_);
  publish(protocol::kTopicTelemetry, length, 0, false);
  awaitUntil(protocol::kTelemetrySeconds * 1000);
}

void Board::flush() {
  outbox_.flush(ports_.link, settings_.device, commands_.updateAt());
}

/** Publishes message_; nothing, if it could not be written. */
uint16_t Board::publish(const char* topicFormat, size_t length, uint8_t qos, bool retain) {
  if (length == 0) return 0;
  makeTopic(topic_, topicFormat, settings_.device);
  return ports_.link.publish(topic_, message_, length, qos, retain);
}

}  // namespace sconce
