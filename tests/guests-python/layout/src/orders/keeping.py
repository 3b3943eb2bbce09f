"""Files that the component has, and those that it leaves out."""

from importlib import resources

from temporalio import activity


@activity.defn
def notes() -> list:
    folder = resources.files("orders") / "notes"
    found = sorted(each.name for each in folder.iterdir())
    packages = [(resources.files("toolz") / each).is_dir() for each in ("curried", "sandbox")]
    return [found, (folder / "kept.txt").read_text(), packages]
