"""A component of componentize-py: nothing of it knows Isolet."""

import wit_world
from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.orders import Order, OrderError_Empty, OrderError_OutOfStock


class WitWorld(wit_world.WitWorld):
    def greet(self, name: str) -> str:
        return f"Hello, {name}!"


class Orders(exports.Orders):
    def ship(self, order: Order) -> float:
        if not order.items:
            raise Err(OrderError_Empty())
        if "tea" in order.items:
            raise Err(OrderError_OutOfStock("tea"))
        return 2.5 * len(order.items)
