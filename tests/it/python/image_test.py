"""The steps of `isolet_build.image` on a memory made by hand: what is not as it should be is left alone."""

import struct
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, sys.argv.pop(1))

from isolet_build.image import constants, free_lists, holes, immortal
from isolet_build.image.file import ComponentFile
from isolet_build.image.heap import Heap
from isolet_build.image.memory import Changes, Memory, Unrecognised

STATE, LISTS, HEAP, END = 0x1000, 0x1800, 0x2000, 0x40000
TEXT_TYPE = 0x1C00
IMMORTAL = 5 << 28


class Image:
    """A heap with chunks of these sizes; negative ones are free."""

    def __init__(self, *sizes: int) -> None:
        self.memory = Memory(ComponentFile(bytearray(b"\0asm\x0d\0\1\0")))
        self.memory.end = END
        self.memory.bytes = bytearray(END)
        self.memory.words = memoryview(self.memory.bytes).cast("I")
        self.memory.is_in_file = lambda address: True
        self.chunks = []
        at, before = HEAP + 8, 1
        for size in sizes:
            used = int(size > 0)
            self.put(at + 4, abs(size) | used << 1 | before)
            self.put(at + abs(size), 0 if used else abs(size))
            self.chunks.append(at)
            at, before = at + abs(size), used
        self.put(at + 4, END - at | before)
        for offset, value in ((12, END - at), (16, HEAP), (24, at), (448, HEAP), (452, END - HEAP)):
            self.put(STATE + offset, value)
        for index in range(32):
            self.link([STATE + 40 + 8 * index])
        for index in range(32):
            free = [chunk for chunk, size in zip(self.chunks, sizes) if size == -8 * index]
            if free:
                self.put(STATE, self.get(STATE) | 1 << index)
                self.link([STATE + 40 + 8 * index, *free])
        for chunk, size in zip(self.chunks, sizes):
            if size <= -256:
                index = holes._bin(-size)
                self.put(STATE + 4, self.get(STATE + 4) | 1 << index)
                self.put(STATE + 304 + 4 * index, chunk)
                self.link([chunk])

    def get(self, address: int) -> int:
        return self.memory.word(address)

    def put(self, address: int, value: int) -> None:
        self.memory.words[address >> 2] = value

    def link(self, ring: list[int]) -> None:
        for one, other in zip(ring, [*ring[1:], ring[0]]):
            self.put(one + 8, other)
            self.put(other + 12, one)

    def do(self, step, *arguments) -> str:
        changes = Changes(self.memory)
        said = step(*arguments, changes)
        changes.apply()
        return said


USUAL = (32, -16, 32, -48, 64, -48, 32, -512, 32, -0x11000, 32)


class Holes(unittest.TestCase):
    def test_small_ones_are_used_and_large_ones_are_known(self):
        image = Image(*USUAL)
        image.do(holes.give_up, Heap(image.memory))
        heap = Heap(image.memory)
        free = {(chunk.start, chunk.size) for chunk in heap.chunks if not chunk.in_use}
        self.assertEqual(free, {(image.chunks[9], 0x11000)})
        self.assertEqual(heap.listed(), free)

    def test_a_heap_that_another_segment_was_added_to_has_all_of_both(self):
        image = Image(*USUAL)
        one = Heap(image.memory)
        # As the allocator adds one: what it knew of the segment before lies in that one's last chunk, before a fence.
        last, fence = one.top + 8, one.top + 32
        added, end = 0x30000, END
        image.put(one.top + 4, 32 | 3)
        for offset, value in ((0, HEAP), (4, fence + 8 - HEAP), (8, 0)):
            image.put(last + offset, value)
        image.put(fence + 4, 7)
        image.put(added + 12, 64 | 3)
        image.put(added + 8 + 64 + 4, end - added - 72 | 1)
        for offset, value in ((12, end - added - 72), (24, added + 72), (448, added), (452, end - added), (456, last)):
            image.put(STATE + offset, value)
        both = Heap(image.memory)
        self.assertEqual(both.chunks[:-2], one.chunks)
        self.assertEqual([(chunk.start, chunk.size) for chunk in both.chunks[-2:]], [(one.top, 32), (added + 8, 64)])
        image.do(holes.give_up, both)

    def test_several_large_ones_are_all_known(self):
        sizes = (32, -0x10010, 32, -0x10020, 32, -0x10010, 32)
        image = Image(32, *[abs(size) for size in sizes])
        for chunk, size in zip(image.chunks[1:], sizes):
            if size < 0:
                image.put(chunk + 4, image.get(chunk + 4) & ~2)
                image.put(chunk - size + 4, image.get(chunk - size + 4) & ~1)
                image.put(chunk - size, -size)
        changes = Changes(image.memory)
        heap = Heap(image.memory)
        for chunk in heap.chunks:
            if not chunk.in_use:
                holes._plant(changes, heap.state, chunk)
        changes.apply()
        self.assertEqual(len(heap.listed()), 3)

    def test_a_heap_that_is_not_in_order_is_left_alone(self):
        def wrong_size(image):
            image.put(image.chunks[2] + 4, 40 | 3)

        def wrong_end(image):
            image.put(image.chunks[3] + 48, 32)

        def unlisted(image):
            image.link([STATE + 40 + 8 * 6])

        def listed_twice(image):
            image.put(STATE + 20, image.chunks[3])
            image.put(STATE + 8, 48)

        def endless_segments(image):
            image.put(STATE + 456, STATE + 448)

        def segments_out_of_order(image):
            image.put(STATE + 456, 0x1400)
            image.put(0x1400, END)
            image.put(0x1404, 0x1000)

        def nowhere(image):
            image.put(image.chunks[9] + 16, 0xFFFFFFF0)

        for harm in (wrong_size, wrong_end, unlisted, listed_twice, endless_segments, segments_out_of_order, nowhere):
            image = Image(*USUAL)
            harm(image)
            before = bytes(image.memory.bytes)
            with self.assertRaises(Unrecognised, msg=harm.__name__):
                image.do(holes.give_up, Heap(image.memory))
            self.assertEqual(bytes(image.memory.bytes), before, harm.__name__)


class FreeLists(unittest.TestCase):
    def make(self, counts):
        image = Image(*[32] * 20)
        chunks = iter(image.chunks)
        for index, count in enumerate(counts):
            objects = [next(chunks) + 8 for _ in range(count)]
            for one, other in zip(objects, [*objects[1:], 0]):
                image.put(one, other)
            image.put(LISTS + 8 * index, objects[0] if objects else 0)
            image.put(LISTS + 8 * index + 4, count)
        return image

    def test_they_are_emptied(self):
        image = self.make([2, 0, 3, 1, 4])
        image.do(free_lists.empty, Heap(image.memory))
        self.assertFalse(any(image.memory.bytes[LISTS : LISTS + 40]))

    def test_what_only_looks_like_them_is_left_alone(self):
        image = self.make([2, 0, 3, 1, 4])
        # One fewer than it says.
        image.put(LISTS + 8 * 2 + 4, 2)
        with self.assertRaises(Unrecognised):
            image.do(free_lists.empty, Heap(image.memory))


class Objects(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.survey = Path(folder.name)

    def test_text_is_immortal_and_what_only_looks_like_it_is_not(self):
        image = Image(*[64] * 3)
        (self.survey / "text.u32").write_bytes(struct.pack("<I", TEXT_TYPE))
        for chunk, length in zip(image.chunks, (8, 80, 8)):
            for offset, value in enumerate((1, TEXT_TYPE, length, 0, 0b1100100)):
                image.put(chunk + 8 + 4 * offset, value)
        image.put(image.chunks[2] + 8, 1 << 20)
        image.do(lambda changes: immortal.texts(Heap(image.memory), changes, self.survey))
        self.assertEqual([image.get(chunk + 8) for chunk in image.chunks], [IMMORTAL, 1, 1 << 20])

    def test_constants_are_loaded_without_counting_where_there_is_such_an_instruction(self):
        image = Image(64, 64)
        constant, code = (chunk + 8 for chunk in image.chunks)
        image.put(constant, IMMORTAL)
        image.put(code, 0x05_82_00_52)
        for places, left in (([code], 0x05_82_00_99), ([code, code + 2], 0x05_82_00_52)):
            image.put(code, 0x05_82_00_52)
            pairs = b"".join(struct.pack("<II", place, constant) for place in places)
            (self.survey / "constants.u32").write_bytes(struct.pack("<III", 0x52, 0x53, 0x99) + pairs)
            try:
                image.do(lambda changes: constants.load_immortal(changes, self.survey))
            except Unrecognised:
                pass
            self.assertEqual(image.get(code), left)


if __name__ == "__main__":
    unittest.main()
