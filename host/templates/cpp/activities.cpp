// Every function that ISOLET_ACTIVITIES names is an activity of its name.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <isolet.hpp>

using namespace std::chrono_literals;

struct Order {
    std::string id;
    std::vector<std::string> parcels;
};
ISOLET_FIELDS(Order, id, parcels)

struct Shipment {
    std::string order;
    std::vector<std::string> sent;
};
ISOLET_FIELDS(Shipment, order, sent)

// Stands for a request to a carrier.
static isolet::Result<void> send(const std::string &parcel) {
    ISOLET_TRY(isolet::sleep(500ms));
    isolet::log(isolet::Level::info, "sent", { {"parcel", parcel} });
    return {};
}

// Sends the parcels of an order, one after the other.
static isolet::Result<Shipment> ship(Order order) {
    if (order.parcels.empty()) {
        return isolet::fail({.message = "order " + order.id + " has no parcels",
                             .type = "EmptyOrder",
                             .non_retryable = true,
                             .details = {isolet::encode(order.id)}});
    }
    // What the last heartbeat of the attempt before said: an attempt goes on from there.
    auto sent = ISOLET_TRY(isolet::heartbeat_detail<std::size_t>()).value_or(0);
    while (sent < order.parcels.size()) {
        if (auto done = send(order.parcels[sent]); !done) {
            // A cancellation cuts the sleep short; what is to be cleaned up then is cleaned up here.
            if (done.error().is_cancelled()) {
                isolet::log(isolet::Level::warn, "cancelled", { {"sent", sent} });
            }
            return std::unexpected(done.error());
        }
        sent += 1;
        isolet::heartbeat(sent);
    }
    return Shipment{order.id, order.parcels};
}

ISOLET_ACTIVITIES(ISOLET_ACTIVITY(ship, "order"))
