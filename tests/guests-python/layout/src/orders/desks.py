"""Objects, of which a list says which are meant."""

from common import Desk
from temporalio import activity


class Counter(Desk):
    def __init__(self, place: str) -> None:
        self.place = place

    @activity.defn
    async def serve(self, name: str) -> str:
        return f"{name} at the {self.place}"


front, back = Counter("front"), Counter("back")

activities = [front.where, back.serve]
