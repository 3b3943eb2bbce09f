// A component whose only activity takes the tasks of every type that no other component takes.

#include <cstdint>
#include <string>
#include <vector>

#include <isolet.hpp>

static isolet::Result<std::string> anything(std::vector<isolet::Payload> arguments) {
    std::string type(isolet::info().activity_type);
    if (type != "sum") {
        return type + " with " + std::to_string(arguments.size()) + " arguments";
    }
    std::int64_t sum = 0;
    for (const isolet::Payload &argument : arguments) {
        sum += ISOLET_TRY(isolet::decode<std::int64_t>(argument));
    }
    return "sum is " + std::to_string(sum);
}

ISOLET_ACTIVITIES(ISOLET_DYNAMIC(anything))
