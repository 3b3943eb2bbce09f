"""A package index in a folder: wheels and source distributions with next to nothing in them."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

# The start of a WebAssembly module.
LIBRARY = b"\0asm\1\0\0\0"

# Builds itself, so that nothing must be fetched for it.
_BACKEND = """
import zipfile
def get_requires_for_build_wheel(config_settings=None): return []
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.write("{name}.py")
        for line in ["METADATA", "WHEEL", "RECORD"]:
            wheel.writestr("{name}-{version}.dist-info/" + line, open(line + ".txt").read())
    return name
"""


def wheel(folder: Path, name: str, version: str = "1.0", *, requires: tuple = (), native: bool = False, lines: tuple = (), content: str = "", generator: str = "x") -> str:
    """Adds a wheel, and returns its hash as lists of requirements have it."""
    files = {f"{name}.py": f"VERSION = {version!r}\n", **_metadata(name, version, requires, native, lines, generator)}
    if native:
        files = {f"{name}/__init__.py": f"from {name}._{name} import *\n", f"{name}/_{name}.cpython-314-x86_64-linux-gnu.so": content, **files}
        del files[f"{name}.py"]
    record = f"{name}-{version}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in files)
    tag = "cp314-cp314-manylinux_2_17_x86_64" if native else "py3-none-any"
    path = folder / f"{name}-{version}-{tag}.whl"
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            archive.writestr(zipfile.ZipInfo(each), text)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def webassembly(folder: Path, name: str, version: str = "1.0", *, tag: str = "cp314-cp314-wasi_0_0_0_wasm32", build: str = "", file: str = "", content: bytes = LIBRARY, requires: tuple = ()) -> str:
    """Adds a wheel with native code for components, or one that looks like it, and returns its hash."""
    native = file or f"{name}/_{name}.cpython-314-wasm32-wasi.so"
    files = {f"{name}/__init__.py": f"BUILD = {build!r}\n", native: content, **_metadata(name, version, requires, False, ())}
    record = f"{name}-{version}.dist-info/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*files, record])
    path = folder / f"{name}-{version}{'-' if build else ''}{build}-{tag}.whl"
    folder.mkdir(exist_ok=True, parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            archive.writestr(zipfile.ZipInfo(each), text)
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def source(folder: Path, name: str, version: str = "1.0") -> None:
    """Adds a source distribution without a wheel."""
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": _BACKEND.format(name=name, version=version),
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}.py": f"VERSION = {version!r}\n",
    }
    for path, text in _metadata(name, version, (), False, ()).items():
        files[path.rsplit("/", 1)[1] + ".txt"] = text
    files["RECORD.txt"] = f"{name}.py,,\n{name}-{version}.dist-info/RECORD,,\n"
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size, entry.mtime = len(text.encode()), 315_532_800  # Archives of the other kind begin in 1980.
            archive.addfile(entry, io.BytesIO(text.encode()))


def project(name: str, requires: str = "[]", version: str = "9.0") -> dict[str, str]:
    """The files of a project that can be installed from its folder."""
    metadata = _metadata(name, version, (), False, ())
    return {
        "pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {requires}\n'
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": _BACKEND.format(name=name, version=version) + "build_editable = build_wheel\n",
        f"{name}.py": f"VERSION = {version!r}\n",
        "RECORD.txt": f"{name}.py,,\n{name}-{version}.dist-info/RECORD,,\n",
        **{path.rsplit("/", 1)[1] + ".txt": text for path, text in metadata.items()},
    }


def _metadata(name: str, version: str, requires: tuple, native: bool, lines: tuple, generator: str = "x") -> dict[str, str]:
    head = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *lines]
    head += [f"Requires-Dist: {each}" for each in requires]
    tag = "cp314-cp314-manylinux_2_17_x86_64" if native else "py3-none-any"
    return {
        f"{name}-{version}.dist-info/METADATA": "\n".join([*head, ""]),
        f"{name}-{version}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: {generator}\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
