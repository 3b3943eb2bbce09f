"""Source distributions of packages, fetched. Nothing of them is run for that, wherever uv can tell where they are."""

from __future__ import annotations

import hashlib
import ssl
import tempfile
import urllib.request
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote, urlparse

from . import events, pip, settings, uv
from .events import NotBuilt, Problem

# How long a server may say nothing.
_PATIENCE = 60


def source(cache: Path, folder: Path, name: str, version: str, index: list[str]) -> Path:
    """A package's source distribution in a folder, of one index or as pip is configured."""
    requirement = f"{name}=={version}" if version else name
    events.progress(f"fetching the sources of {requirement}")
    target = folder / "source"
    target.mkdir()
    if fetched := _located(cache, target, name, requirement, index):
        return fetched
    # pip has the package's build tell its metadata.
    arguments = ["download", "--no-deps", "--ignore-requires-python", "--no-binary", name, "--dest", str(target), *index, requirement]
    status, said = pip.run(arguments, pip.alone(pip.plain()) if index else pip.plain(), lambda _: None)
    files = sorted(target.glob("*"))
    if status or not files:
        if uv.NETWORK.search(said):
            raise Problem(f"the sources of {requirement} can't be fetched", traceback=pip.last(said), kind="tools")
        raise NotBuilt("and its source distribution can't be had", lines=pip.last(said))
    return files[0]


def _located(cache: Path, target: Path, name: str, requirement: str, index: list[str]) -> Path | None:
    """Fetches it from where uv finds it; nothing if that is not to be told or not open to everybody."""
    with tempfile.TemporaryDirectory() as folder:
        asked, lock = Path(folder) / "asked.txt", Path(folder) / "pylock.toml"
        asked.write_text(f"{requirement}\n", encoding="utf-8")
        command = ["compile", str(asked), "--format", "pylock.toml", "--output-file", str(lock), "--quiet"]
        command += ["--no-deps", "--no-binary", name, "--python-version", uv.VERSION]
        # The only one, or the first: what is found there is not looked for in others.
        command += ["--index", index[1], "--default-index", index[1]] if index[:1] == ["--index-url"] else index
        try:
            uv.run(command, Path(folder), cache)
            document = settings.parse(lock.read_text(encoding="utf-8"), lock.name)
            return _copied(document["packages"][0]["sdist"], Path(folder), target)
        except (Problem, OSError, LookupError, TypeError, URLError) as error:
            events.debug(f"the sources of {requirement} are left to pip: {error}")
            return None


def _copied(sdist: dict[str, Any], folder: Path, target: Path) -> Path:
    """The file that a lock names, with the hash that it has there."""
    url = sdist.get("url", "") or (folder / sdist["path"]).resolve().as_uri()
    path = target / unquote(urlparse(url).path).rsplit("/", 1)[-1]
    certificates = uv.as_pip().get("SSL_CERT_FILE")
    with urllib.request.urlopen(url, timeout=_PATIENCE, context=ssl.create_default_context(cafile=certificates)) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != sdist["hashes"]["sha256"]:
        raise OSError(f"{path.name} has another hash than its index says")
    path.write_bytes(content)
    return path
