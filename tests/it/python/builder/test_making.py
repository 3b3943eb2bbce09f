"""What builds leave in the cache directory."""

from __future__ import annotations

import unittest

from isolet_build.making import building, making
from projects import ProjectTest


class Making(ProjectTest):
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name != ".building")

    def test_a_folder_is_there_completely_or_not_at_all(self) -> None:
        with self.assertRaises(ValueError), making(self.folder / "half") as target:
            (target / "file").touch()
            raise ValueError
        with making(self.folder / "whole") as target:
            (target / "file").touch()
            self.assertFalse((self.folder / "whole").exists())
        with making(self.folder / "whole"):
            pass
        self.assertEqual(self.names(), ["whole"])
        self.assertTrue((self.folder / "whole/file").exists())

    def test_what_killed_builds_left_is_removed(self) -> None:
        (self.folder / ".making-x/inside").mkdir(parents=True)
        with building(self.folder):
            self.assertEqual(self.names(), [])
            # Of this build, as others see it.
            (self.folder / ".making-y").mkdir()
            with building(self.folder):
                self.assertEqual(self.names(), [".making-y"])
        with building(self.folder):
            self.assertEqual(self.names(), [])


if __name__ == "__main__":
    unittest.main()
