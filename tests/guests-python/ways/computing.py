"""What activities use of Python's library, as far as its versions agree."""

import base64
import bisect
import calendar
import collections
import configparser
import contextlib
import copy
import csv
import dataclasses
import decimal
import difflib
import email.message
import errno
import fractions
import functools
import gc
import hashlib
import heapq
import hmac
import html
import io
import ipaddress
import itertools
import json
import math
import operator
import os
import pickle
import random
import re
import secrets
import shlex
import string
import struct
import sys
import textwrap
import time
import urllib.parse
import uuid
import weakref
import zlib
from datetime import date, datetime, timedelta, timezone
from typing import Any, Iterator, List
from xml.etree import ElementTree

from temporalio import activity


@dataclasses.dataclass(order=True)
class Version:
    major: int
    minor: int = 0
    notes: List[str] = dataclasses.field(default_factory=list, compare=False)


@activity.defn
def json_of_all_kinds() -> list:
    text = json.dumps({"ü": [1, 2.5, None], "nested": {"a": "\u2028"}}, indent=1, ensure_ascii=False)
    return [text, json.loads(text)["nested"], json.loads('[1e2, "\\ud83d\\ude00", -0]'), json.loads("1" * 30)]


@activity.defn
def pickles() -> list:
    version = Version(1, 2, ["three"])
    again = pickle.loads(pickle.dumps(version))
    return [again == version, again.notes, copy.deepcopy(version).notes is not version.notes, copy.replace is not None
            if hasattr(copy, "replace") else True]


@activity.defn
def expressions(text: str) -> list:
    words = re.findall(r"\b(\w)(\w*)\b", text)
    swapped = re.sub(r"(?P<first>\w+) (?P<second>\w+)", r"\g<second> \g<first>", text, count=1)
    return [words, swapped, re.split(r"[,;]\s*", "a, b;c"), bool(re.fullmatch(r"(?i)[a-zü ]+", text))]


@activity.defn
def exact_numbers() -> list:
    with decimal.localcontext() as context:
        context.prec = 30
        third = decimal.Decimal(1) / 3
    money = decimal.Decimal("2.675").quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_EVEN)
    half = fractions.Fraction(1, 3) + fractions.Fraction(1, 6)
    return [str(third), str(money), str(half), math.isqrt(10**30), math.comb(50, 25), pow(3, -1, 7)]


@activity.defn
def real_numbers() -> list:
    values = [0.1] * 10
    return [sum(values) > 0.9, math.fsum(values), math.sin(1), math.gamma(5.5), 10**0.5, round(2.5), f"{1e6:,.2f} {math.pi:.10g}"]


@activity.defn
def dates() -> list:
    start = datetime(2024, 2, 28, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=2)))
    return [
        (start + timedelta(microseconds=1)).isoformat(),
        start.astimezone(timezone.utc).strftime("%d %b %Y %H:%M:%S %z"),
        datetime.strptime("05 Mar 2024 07:08", "%d %b %Y %H:%M").isoformat(),
        date(2024, 12, 30).isocalendar()[:2],
        calendar.monthrange(2024, 2),
        (date(2024, 3, 1) - date(2024, 2, 1)).days,
        time.strftime("%Y-%m-%d", time.gmtime(0)),
        datetime.fromisoformat("2024-01-02T03:04:05+00:00").timestamp(),
    ]


@activity.defn
def clocks() -> list:
    before, wall = time.monotonic(), time.time()
    time.sleep(0.02)
    passed = time.monotonic() - before
    now = datetime.now(timezone.utc)
    return [0.015 < passed < 30, abs(now.timestamp() - wall) < 30, now.tzinfo == timezone.utc, time.perf_counter() > 0]


@activity.defn
def sleeps_oddly() -> list:
    told = []
    for seconds in (0, 0.001, True, -1, "x", float("nan")):
        try:
            told.append(time.sleep(seconds))  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            told.append(type(error).__name__)
    return told


@activity.defn
def digests(data: bytes) -> list:
    names = ("md5", "sha1", "sha256", "sha3_256", "blake2b")
    signed = hmac.new(b"key", data, "sha256").hexdigest()
    packed = zlib.compress(data * 100)
    return [
        [hashlib.new(name, data).hexdigest()[:16] for name in names],
        signed,
        zlib.crc32(data),
        zlib.decompress(packed) == data * 100,
        base64.urlsafe_b64encode(data).decode(),
        struct.pack(">IhB", 1, -2, 3).hex(),
    ]


@activity.defn
def randomness() -> list:
    seeded = random.Random(7)
    drawn = [seeded.randint(1, 100) for _ in range(5)]
    different = len({uuid.uuid4() for _ in range(20)} | {secrets.token_hex(8) for _ in range(20)})
    return [drawn, seeded.sample(range(10), 3), different, len(os.urandom(5)), str(uuid.uuid5(uuid.NAMESPACE_DNS, "a.b"))]


@activity.defn
def containers() -> list:
    counted = collections.Counter("banana").most_common(2)
    ordered = collections.OrderedDict(b=1, a=2)
    ordered.move_to_end("b")
    heap = [5, 1, 4]
    heapq.heapify(heap)
    chained = collections.ChainMap({"a": 1}, {"a": 2, "b": 3})
    at = bisect.bisect([1, 3, 5], 3)
    return [counted, list(ordered), heapq.nsmallest(2, heap), dict(chained), at, list(collections.deque(range(5), 2))]


@activity.defn
def iterators() -> list:
    grouped = {key: list(group) for key, group in itertools.groupby("aabbbc")}
    return [
        grouped,
        list(itertools.islice(itertools.accumulate(itertools.count(1), operator.mul), 6)),
        ["".join(each) for each in itertools.permutations("abc", 2)],
        list(itertools.zip_longest([1, 2], [3], fillvalue=0)),
        functools.reduce(operator.xor, range(10)),
        sorted(["b", "A", "c"], key=str.lower),
    ]


@functools.lru_cache(maxsize=None)
def _fibonacci(number: int) -> int:
    return number if number < 2 else _fibonacci(number - 1) + _fibonacci(number - 2)


@functools.singledispatch
def _kind(value: Any) -> str:
    return "any"


@_kind.register
def _(value: int) -> str:
    return "int"


@activity.defn
def functions() -> list:
    partial = functools.partial(pow, exp=3)
    with contextlib.ExitStack() as stack:
        told: list = []
        stack.callback(told.append, "first")
        stack.enter_context(contextlib.suppress(KeyError))
        raise KeyError
    return [_fibonacci(90), _kind(1), _kind("x"), partial(2), told, (lambda *a, **k: [a, k])(1, b=2)]


@activity.defn
def texts_of_all_kinds() -> list:
    rows = list(csv.reader(io.StringIO('a,"b, c"\n1,"x\ny"\n')))
    written = io.StringIO()
    csv.DictWriter(written, ["n", "t"]).writerow({"n": 1, "t": 'q"uote'})
    return [
        rows,
        written.getvalue(),
        textwrap.fill("word " * 10, 20),
        string.Template("$who owes $$${sum}").substitute(who="Ada", sum=3),
        "{:>8}|{:^8}|{!r}".format("right", "mid", "ü"),
        html.escape("<a & 'b'>"),
        shlex.split("a 'b c' d\\ e"),
        [*difflib.unified_diff(["a", "b"], ["a", "c"], lineterm="")][3:],
        "ẞtraße".casefold(),
    ]


@activity.defn
def formats_of_files() -> list:
    settings = configparser.ConfigParser()
    settings.read_string("[server]\nport = 80\nname = %(port)s-host\n")
    tree = ElementTree.fromstring("<a><b id='1'>x</b><b id='2'/></a>")
    mail = email.message.EmailMessage()
    mail["Subject"] = "Grüße"
    mail.set_content("text\n")
    return [
        [settings["server"]["name"], settings.getint("server", "port")],
        [[each.get("id"), each.text] for each in tree.iter("b")],
        ElementTree.tostring(tree).decode(),
        mail.as_string(),
    ]


@activity.defn
def addresses() -> list:
    parts = urllib.parse.urlsplit("https://user@host:8080/a/b?x=1&x=2#end")
    network = ipaddress.ip_network("10.0.0.0/29")
    return [
        [parts.hostname, parts.port, urllib.parse.parse_qs(parts.query)],
        urllib.parse.quote("ü /&"),
        urllib.parse.urlencode({"a": [1, 2]}, doseq=True),
        [str(host) for host in network.hosts()][:2],
        ipaddress.ip_address("::1").is_loopback,
    ]


@activity.defn
def classes() -> list:
    made = dataclasses.make_dataclass("Made", [("x", int), ("y", int, 2)])(1)
    return [
        dataclasses.asdict(Version(1)),
        sorted([Version(2), Version(1, 5), Version(1)])[0].minor,
        repr(dataclasses.replace(Version(1), minor=9)),
        repr(made),
        type("Dynamic", (Version,), {"extra": 1})(3).extra,  # type: ignore[attr-defined]
    ]


@activity.defn
def memory() -> list:
    class Node:
        pass

    node = Node()
    ended: list = []
    weakref.finalize(node, ended.append, "finalized")
    reference = weakref.ref(node)
    node.me = node  # type: ignore[attr-defined]
    del node
    gc.collect()
    return [reference() is None, ended]


def _walk(depth: int) -> Iterator[int]:
    if depth:
        yield from _walk(depth - 1)
    yield depth


@activity.defn
def deep_calls() -> list:
    return [sum(_walk(100)), functools.reduce(lambda inner, _: (lambda: inner() + 1), range(200), lambda: 0)()]


@activity.defn
def files() -> list:
    told = []
    for path in ("/no/such/file", "no such file"):
        try:
            with open(path) as file:
                told.append(file.read())
        except OSError as error:
            told.append([type(error).__name__, error.filename, str(error).split("] ")[-1]])
    return told


@activity.defn
def error_numbers() -> list:
    told: list = []
    try:
        open("/no/such/file")
    except FileNotFoundError as error:
        told += [error.errno, error.errno == errno.ENOENT]
    try:
        10.0**400
    except OverflowError as error:
        told.append(error.args[0])
    return told


@activity.defn
def machine() -> list:
    return [sys.platform, sys.maxsize, hash(fractions.Fraction(1, 2))]
