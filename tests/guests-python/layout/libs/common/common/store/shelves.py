"""Asked for by the project."""


class Shelves:
    def count(self) -> int:
        return 7
