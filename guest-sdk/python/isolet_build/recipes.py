"""What packages of meson-python have to be told, beside what all are, to be built for components."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Recipe:
    """What a package has to be told beside what all are."""

    # Options of its own, as `meson_options.txt` of its sources has them.
    options: dict[str, str] = field(default_factory=dict)
    # What is installed, of those that say what is for whom: of a package that says it of a part, the rest would be missing.
    tags: str = ""
    # What it would find out by running programs.
    properties: dict[str, str] = field(default_factory=dict)
    # The module that keeps the flags of computing with floating-point numbers for all of the package's others.
    flags: str = ""
    # Texts of its sources that don't do for components, by their files, and what stands in their place.
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)


# What stands for modules that components don't have, where it is only asked whether something is of one of their types.
_NO_CTYPES = ("import ctypes\n", "ctypes = None\n")
_NO_MMAP = ("import mmap\n", "class mmap:\n    class mmap: ...\n")

RECIPES = {
    "numpy": Recipe(
        options={
            "blas": "none",
            "lapack": "none",
            "allow-noblas": "true",
            # None of it is for WebAssembly.
            "disable-optimization": "true",
            "disable-threading": "true",
            "disable-highway": "true",
            "disable-svml": "true",
            "disable-intel-sort": "true",
            "cpu-baseline": "none",
            "cpu-dispatch": "none",
        },
        # Headers and static libraries are for other packages' builds.
        tags="runtime,python-runtime",
        properties={"longdouble_format": "IEEE_QUAD_LE"},
        flags="_multiarray_umath",
        # Python calls these functions with another number of arguments than they have, which WebAssembly does not let pass.
        changes={
            "numpy/_core/src/multiarray/array_converter.c": (
                "array_converter_get_scalar_input(PyArrayArrayConverterObject *self)",
                "array_converter_get_scalar_input(PyArrayArrayConverterObject *self, void *ignored)",
            ),
            "numpy/_core/src/multiarray/array_method.c": (
                "boundarraymethod__supports_unaligned(PyBoundArrayMethodObject *self)",
                "boundarraymethod__supports_unaligned(PyBoundArrayMethodObject *self, void *ignored)",
            ),
            "numpy/_core/src/multiarray/getset.c": (
                "array_descr_set(PyArrayObject *self, PyObject *arg)",
                "array_descr_set(PyArrayObject *self, PyObject *arg, void *ignored)",
            ),
            "numpy/_core/src/multiarray/scalartypes.c.src": (
                "gentype___copy__(PyObject *self)",
                "gentype___copy__(PyObject *self, PyObject *ignored)",
            ),
            "numpy/_core/src/umath/_scaled_float_dtype.c": (
                "sfloat___reduce__(PyArray_SFloatDescr *self)",
                "sfloat___reduce__(PyArray_SFloatDescr *self, PyObject *ignored)",
            ),
        },
    ),
    "pandas": Recipe(
        changes={
            "pandas/errors/__init__.py": _NO_CTYPES,
            "pandas/core/interchange/from_dataframe.py": _NO_CTYPES,
            "pandas/io/common.py": _NO_MMAP,
            "pandas/io/excel/_openpyxl.py": _NO_MMAP,
            "pandas/io/parsers/readers.py": _NO_MMAP,
        },
    ),
}
