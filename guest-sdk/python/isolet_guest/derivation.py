"""Keys from passwords: what Python's `hashlib` takes from OpenSSL, in Python."""

from __future__ import annotations

import hashlib
import struct
from typing import Any

_OUTER, _INNER = bytes(each ^ 0x5C for each in range(256)), bytes(each ^ 0x36 for each in range(256))

# Which words of a block are mixed, by columns and then by rows.
_QUARTERS = [(0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6), (15, 3, 7, 11)]
_QUARTERS += [(0, 1, 2, 3), (5, 6, 7, 4), (10, 11, 8, 9), (15, 12, 13, 14)]

_WORD = 0xFFFFFFFF
_BLOCK = struct.Struct("<16I")

# As of OpenSSL.
_MOST_MEMORY = 32 << 20


def pbkdf2_hmac(hash_name: str, password: Any, salt: Any, iterations: int, dklen: int | None = None) -> bytes:
    """PKCS 5's function 2, as `hashlib` has it."""
    if not isinstance(hash_name, str):
        raise TypeError(f"pbkdf2_hmac() argument 'hash_name' must be str, not {type(hash_name).__name__}")
    password, salt = bytes(memoryview(password)), bytes(memoryview(salt))
    inner, outer = hashlib.new(hash_name), hashlib.new(hash_name)
    dklen = outer.digest_size if dklen is None else dklen
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    if dklen < 1:
        raise ValueError("key length must be greater than 0.")
    if len(password) > inner.block_size:
        password = hashlib.new(hash_name, password).digest()
    password = password.ljust(inner.block_size, b"\0")
    inner.update(password.translate(_INNER))
    outer.update(password.translate(_OUTER))

    def sign(message: bytes) -> bytes:
        hidden, shown = inner.copy(), outer.copy()
        hidden.update(message)
        shown.update(hidden.digest())
        return shown.digest()

    key = b""
    for number in range(1, -(-dklen // inner.digest_size) + 1):
        last = sign(salt + number.to_bytes(4, "big"))
        mixed = int.from_bytes(last, "big")
        for _ in range(iterations - 1):
            last = sign(last)
            mixed ^= int.from_bytes(last, "big")
        key += mixed.to_bytes(inner.digest_size, "big")
    return key[:dklen]


def scrypt(password: Any, *, salt: Any, n: int, r: int, p: int, maxmem: int = 0, dklen: int = 64) -> bytes:
    """RFC 7914's function, as `hashlib` has it. Takes its time: a tenth of a millisecond for 64 bytes of memory."""
    if n < 2 or n & (n - 1):
        raise ValueError("n must be a power of 2.")
    if r < 1 or p < 1 or dklen < 1 or maxmem < 0:
        raise ValueError("r, p and dklen must be positive numbers, and maxmem none that is negative")
    if 128 * r * (n + p + 2) > (maxmem or _MOST_MEMORY):
        raise ValueError("Invalid parameter combination for n, r, p, maxmem.")
    size = 128 * r
    blocks = pbkdf2_hmac("sha256", password, salt, 1, p * size)
    mixed = b"".join(_mix(blocks[at : at + size], n) for at in range(0, p * size, size))
    return pbkdf2_hmac("sha256", password, mixed, 1, dklen)


def _mix(block: bytes, n: int) -> bytes:
    held = []
    for _ in range(n):
        held.append(block)
        block = _mix_block(block)
    for _ in range(n):
        at = int.from_bytes(block[-64:-60], "little") & (n - 1)
        block = _mix_block(_xor(block, held[at]))
    return block


def _mix_block(block: bytes) -> bytes:
    parts = [block[at : at + 64] for at in range(0, len(block), 64)]
    last = parts[-1]
    mixed = []
    for part in parts:
        last = _salsa(_xor(last, part))
        mixed.append(last)
    return b"".join(mixed[::2] + mixed[1::2])


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "little") ^ int.from_bytes(other, "little")).to_bytes(len(one), "little")


def _salsa(block: bytes) -> bytes:
    """Salsa20 with 8 rounds."""
    before = _BLOCK.unpack(block)
    words = list(before)
    for _ in range(4):
        for a, b, c, d in _QUARTERS:
            sum_ = words[a] + words[d] & _WORD
            words[b] ^= sum_ << 7 & _WORD | sum_ >> 25
            sum_ = words[b] + words[a] & _WORD
            words[c] ^= sum_ << 9 & _WORD | sum_ >> 23
            sum_ = words[c] + words[b] & _WORD
            words[d] ^= sum_ << 13 & _WORD | sum_ >> 19
            sum_ = words[d] + words[c] & _WORD
            words[a] ^= sum_ << 18 & _WORD | sum_ >> 14
    return _BLOCK.pack(*(one + other & _WORD for one, other in zip(words, before, strict=True)))
