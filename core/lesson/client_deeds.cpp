#include "core/lesson/client_deeds.hpp"

namespace forktable {

bool begin(const ClientDoes& deed, Session& session, std::vector<ClientId>& clients) {
  const auto client = [&] { return clients[deed.client - 1]; };
  switch (deed.deed) {
    case ClientDeed::kConnects:
    case ClientDeed::kIsRefused: clients.push_back(session.launch_client(Behaviour::kQuiet)); return true;
    case ClientDeed::kComesAndGoes: clients.push_back(session.launch_client(Behaviour::kHello)); return true;
    case ClientDeed::kSays: session.clients().send_line(client(), deed.words); return true;
    case ClientDeed::kHalfCloses: session.clients().half_close(client()); return true;
    case ClientDeed::kCloses: session.clients().close(client()); return true;
    case ClientDeed::kResets: session.clients().reset(client()); return true;
    case ClientDeed::kHearsTheEcho:
    case ClientDeed::kSeesEndOfFile: return false;
  }
  return false;
}

}  // namespace forktable
