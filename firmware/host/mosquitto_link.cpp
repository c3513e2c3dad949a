#include "mosquitto_link.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <vector>

#include <sconce_protocol.h>

namespace sconce {

namespace {

Fault faultOfErrno(int error) {
  switch (error) {
    case ECONNREFUSED: return Fault::PORT_CLOSED;
    case ETIMEDOUT: return Fault::SILENT;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EHOSTDOWN: return Fault::NO_ROUTE;
    case ECONNRESET:
    case EPIPE: return Fault::CLOSED_EARLY;
    default: return Fault::UNKNOWN;
  }
}

/** MQTT 3.1.1, 3.2.2.3 */
Fault faultOfConnack(int code) {
  switch (code) {
    case 1: return Fault::MQTT_WRONG_VERSION;
    case 2: return Fault::MQTT_ID_REFUSED;
    case 3: return Fault::MQTT_UNAVAILABLE;
    default: return Fault::NOT_AUTHORISED;
  }
}

}  // namespace

MosquittoLink::MosquittoLink(const IdentityFolder& identity, std::string host, uint16_t port, Clock& clock)
    : identity_(identity), host_(std::move(host)), port_(port), tls_(identity, clock) {
  mosquitto_lib_init();
}

MosquittoLink::~MosquittoLink() {
  drop();
  mosquitto_lib_cleanup();
}

void MosquittoLink::connect(const Will& will) {
  drop();
  established_ = securedTold_ = accepted_ = false;
  refused_ = 0;
  Fault fault = Fault::UNKNOWN;
  const std::string address = resolve(fault);
  if (address.empty()) return lost(fault);

  client_ = mosquitto_new(identity_.id, true, this);
  mosquitto_int_option(client_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
  // Nagle's algorithm holds an answer back for 44 ms.
  mosquitto_int_option(client_, MOSQ_OPT_TCP_NODELAY, 1);
  SSL_CTX* context = tls_.begin();
  mosquitto_void_option(client_, MOSQ_OPT_SSL_CTX, context);
  SSL_CTX_free(context);
  mosquitto_int_option(client_, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
  mosquitto_will_set(client_, will.topic, static_cast<int>(will.length), will.payload, 1, true);

  mosquitto_connect_callback_set(client_, [](mosquitto*, void* self, int code) {
    auto& link = *static_cast<MosquittoLink*>(self);
    link.refused_ = code;
    link.accepted_ = code == 0;
    if (code == 0) link.push(LinkEvent::Kind::ACCEPTED);
  });
  mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
    static_cast<MosquittoLink*>(self)->push(LinkEvent::Kind::SUBSCRIBED);
  });
  mosquitto_publish_callback_set(client_, [](mosquitto*, void* self, int packet) {
    static_cast<MosquittoLink*>(self)->push(LinkEvent::Kind::PUBLISHED, static_cast<uint16_t>(packet));
  });
  mosquitto_message_callback_set(client_, [](mosquitto*, void* self, const mosquitto_message* message) {
    auto& link = *static_cast<MosquittoLink*>(self);
    link.push(LinkEvent::Kind::MESSAGE);
    link.events_.back().payload.assign(static_cast<const char*>(message->payload), static_cast<size_t>(message->payloadlen));
  });
  const int result = mosquitto_connect_async(client_, address.c_str(), port_, protocol::kKeepAliveSeconds);
  if (result > 0 || tls_.broken()) lost(faultOf(result), mosquitto_strerror(result));
}

/** One of the host's addresses, the next at each try. Empty: none, `fault` says why. May wait for the name server. */
std::string MosquittoLink::resolve(Fault& fault) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host_.c_str(), nullptr, &wanted, &found);
  if (error != 0) {
    fault = error == EAI_AGAIN ? Fault::NAME_SERVER_SILENT : Fault::NAME_UNKNOWN;
    return "";
  }
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  freeaddrinfo(found);
  return addresses.empty() ? "" : addresses[tries_++ % addresses.size()];
}

bool MosquittoLink::subscribe(const char* topic) {
  return client_ && mosquitto_subscribe(client_, nullptr, topic, 1) == MOSQ_ERR_SUCCESS;
}

uint16_t MosquittoLink::publish(const char* topic, const char* payload, size_t length, uint8_t qos, bool retain) {
  int packet = 0;
  if (!client_ || !accepted_) return 0;
  const int result = mosquitto_publish(client_, &packet, topic, static_cast<int>(length), payload, qos, retain);
  return result == MOSQ_ERR_SUCCESS ? static_cast<uint16_t>(packet) : 0;
}

LinkEvent MosquittoLink::poll() {
  if (events_.empty() && client_) work();
  if (events_.empty()) return {};
  current_ = std::move(events_.front());
  events_.pop_front();
  current_.event.payload = current_.payload.data();
  current_.event.length = current_.payload.size();
  if (current_.event.kind == LinkEvent::Kind::LOST) current_.event.said = current_.payload.c_str();
  return current_.event;
}

int MosquittoLink::socket(short& events) const {
  if (!client_) return -1;
  // Until the handshake is done, what waits to be written waits for something to be read.
  const SSL* ssl = static_cast<SSL*>(mosquitto_ssl_get(client_));
  const bool handshakeReads = established_ && ssl && !tls_.done() && SSL_want_read(ssl);
  const bool writes = !established_ || (mosquitto_want_write(client_) && !handshakeReads);
  events = static_cast<short>(POLLIN | (writes ? POLLOUT : 0));
  return mosquitto_socket(client_);
}

void MosquittoLink::work() {
  pollfd ready = {-1, 0, 0};
  ready.fd = socket(ready.events);
  ::poll(&ready, 1, 0);
  // What OpenSSL holds already rings no bell on the socket.
  const SSL* ssl = static_cast<SSL*>(mosquitto_ssl_get(client_));
  if (ssl && SSL_pending(ssl) > 0) ready.revents |= POLLIN;
  int result = MOSQ_ERR_SUCCESS;
  if (ready.revents != 0 && !established_ && !established()) return;
  if (ready.revents & (POLLIN | POLLERR | POLLHUP)) result = mosquitto_loop_read(client_, 1);
  if (result == MOSQ_ERR_SUCCESS && (ready.revents & POLLOUT)) result = mosquitto_loop_write(client_, 1);
  if (result == MOSQ_ERR_SUCCESS) result = mosquitto_loop_misc(client_);
  if (tls_.done() && !securedTold_) {
    securedTold_ = true;
    LinkEvent secured;
    secured.kind = LinkEvent::Kind::SECURED;
    secured.handshakeMs = tls_.handshakeMs();
    events_.push_front({secured, ""});
  }
  if (result != MOSQ_ERR_SUCCESS || tls_.broken()) lost(faultOf(result), mosquitto_strerror(result));
}

/** Whether TCP has come about; libmosquitto would forget the reason why not. */
bool MosquittoLink::established() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(mosquitto_socket(client_), SOL_SOCKET, SO_ERROR, &error, &size);
  established_ = error == 0;
  if (error != 0) lost(faultOfErrno(error), strerror(error));
  return established_;
}

Fault MosquittoLink::faultOf(int result) {
  const int systemError = result == MOSQ_ERR_ERRNO && !established_ ? errno : tls_.systemError();
  Fault fault;
  if (tls_.failed(fault)) return fault;
  if (!accepted_ && systemError != 0) return faultOfErrno(systemError);
  if (refused_ != 0) return faultOfConnack(refused_);
  if (result == MOSQ_ERR_KEEPALIVE) return Fault::KEEP_ALIVE;
  return accepted_ ? Fault::CONNECTION_LOST : Fault::CLOSED_EARLY;
}

void MosquittoLink::push(LinkEvent::Kind kind, uint16_t packet) {
  Stored stored;
  stored.event.kind = kind;
  stored.event.packet = packet;
  events_.push_back(std::move(stored));
}

/** What was heard before the end is still told before it. */
void MosquittoLink::lost(Fault fault, const std::string& said) {
  push(LinkEvent::Kind::LOST);
  events_.back().event.fault = fault;
  events_.back().payload = said;
  if (client_) mosquitto_destroy(client_);
  client_ = nullptr;
}

void MosquittoLink::disconnect() {
  if (client_) {
    mosquitto_disconnect(client_);
    for (int i = 0; i < 10 && mosquitto_socket(client_) >= 0 && mosquitto_want_write(client_); i++) {
      mosquitto_loop_write(client_, 1);
    }
  }
  drop();
}

void MosquittoLink::drop() {
  if (client_) mosquitto_destroy(client_);
  client_ = nullptr;
  events_.clear();
}

}  // namespace sconce
