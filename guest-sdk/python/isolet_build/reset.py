"""A module of native code that lets a component forget its host: it is loaded on one, and runs on others.

What stands between Python and its host keeps handles of it: of standard streams and of directories. componentize-py
forgets them once it has made a component. Only native code can call what does; this is that code, written byte by byte
because no machine has to have a compiler for it. In C:

    static PyObject *reset(PyObject *self, PyObject *nothing) {
        reset_adapter_state();
        __wasilibc_reset_preopens();
        return PyBool_FromLong(1);
    }
    static PyMethodDef methods[] = {{"reset", reset, METH_NOARGS, 0}, {0}};
    static PyModuleDef definition = {.m_name = "isolet_reset", .m_size = -1, .m_methods = methods};
    PyObject *PyInit_isolet_reset(void) { return PyModule_Create2(&definition, 1013); }
"""

from __future__ import annotations

from collections.abc import Iterable

from .wasm import MAGIC

FILE = "isolet_reset.cpython-314-wasm32-wasi.so"

_I32, _FUNCTION_TYPE, _FUNCTION_REFERENCE = b"\x7f", b"\x60", b"\x70"
_FUNCTION, _TABLE, _MEMORY, _GLOBAL = (bytes([kind]) for kind in range(4))
_CALL, _GLOBAL_GET, _I32_STORE, _I32_CONST, _I32_ADD, _END = b"\x10", b"\x23", b"\x36", b"\x41", b"\x6a", b"\x0b"

# Where things are from the module's part of the memory on, and how Python has them for 32 bits.
_DEFINITION, _METHODS, _NAME, _METHOD_NAME, _SIZE = 0, 52, 84, 97, 103
_M_NAME, _M_SIZE, _M_METHODS = _DEFINITION + 20, _DEFINITION + 28, _DEFINITION + 32
_ML_NAME, _ML_METH, _ML_FLAGS = _METHODS, _METHODS + 4, _METHODS + 8
_METH_NOARGS, _API_VERSION = 4, 1013

# Its types, and of what it imports the functions and globals, by number.
_NOTHING, _ONE, _TWO, _MAKES = range(4)
_RESET_ADAPTER, _RESET_PREOPENS, _BOOL, _CREATE, _RESET, _INITIALISE = range(6)
_MEMORY_BASE, _TABLE_BASE = range(2)


def module() -> bytes:
    """The module, as componentize-py links it."""
    types = [(0, 0), (1, 1), (2, 1), (0, 1)]
    imports = [
        _import("env", "memory", _MEMORY + b"\x00\x01"),
        _import("env", "__indirect_function_table", _TABLE + _FUNCTION_REFERENCE + b"\x00\x01"),
        _import("env", "__memory_base", _GLOBAL + _I32 + b"\x00"),
        _import("env", "__table_base", _GLOBAL + _I32 + b"\x00"),
        _import("wasi_snapshot_preview1", "reset_adapter_state", _FUNCTION + _number(_NOTHING)),
        _import("env", "__wasilibc_reset_preopens", _FUNCTION + _number(_NOTHING)),
        _import("env", "PyBool_FromLong", _FUNCTION + _number(_ONE)),
        _import("env", "PyModule_Create2", _FUNCTION + _number(_TWO)),
    ]
    texts = b"isolet_reset\0reset\0"
    return b"".join(
        [
            MAGIC,
            # How much of the memory and of the table is its own: of addresses that are multiples of 4, and of any.
            _section(0, _text("dylink.0") + b"\x01" + _sized(_number(_SIZE) + _number(2) + _number(1) + _number(0))),
            _section(1, _vector(_FUNCTION_TYPE + _vector([_I32] * taken) + _vector([_I32] * given) for taken, given in types)),
            _section(2, _vector(imports)),
            _section(3, _vector([_number(_TWO), _number(_MAKES)])),
            _section(7, _vector([_text("PyInit_isolet_reset") + _FUNCTION + _number(_INITIALISE)])),
            _section(9, _vector([b"\x00" + _global(_TABLE_BASE) + _END + _vector([_number(_RESET)])])),
            _section(10, _vector(_sized(_number(0) + body + _END) for body in (_reset(), _initialise()))),
            _section(11, _vector([b"\x00" + _address(_NAME) + _END + _sized(texts)])),
        ]
    )


def _reset() -> bytes:
    return _call(_RESET_ADAPTER) + _call(_RESET_PREOPENS) + _constant(1) + _call(_BOOL)


def _initialise() -> bytes:
    values = {
        _M_NAME: _address(_NAME),
        _M_SIZE: _constant(-1),
        _M_METHODS: _address(_METHODS),
        _ML_NAME: _address(_METHOD_NAME),
        _ML_METH: _global(_TABLE_BASE),
        _ML_FLAGS: _constant(_METH_NOARGS),
    }
    stores = (_global(_MEMORY_BASE) + value + _I32_STORE + _number(2) + _number(at) for at, value in values.items())
    return b"".join(stores) + _address(_DEFINITION) + _constant(_API_VERSION) + _call(_CREATE)


def _address(offset: int) -> bytes:
    return _global(_MEMORY_BASE) + _constant(offset) + _I32_ADD


def _global(number: int) -> bytes:
    return _GLOBAL_GET + _number(number)


def _call(function: int) -> bytes:
    return _CALL + _number(function)


def _constant(value: int) -> bytes:
    """In signed LEB128."""
    encoded = bytearray()
    while not -64 <= value < 64:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value & 0x7F)
    return _I32_CONST + encoded


def _number(value: int) -> bytes:
    """In LEB128."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _import(module: str, name: str, what: bytes) -> bytes:
    return _text(module) + _text(name) + what


def _text(text: str) -> bytes:
    return _sized(text.encode())


def _vector(items: Iterable[bytes]) -> bytes:
    every = list(items)
    return _number(len(every)) + b"".join(every)


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _sized(content)


def _sized(content: bytes) -> bytes:
    return _number(len(content)) + content
