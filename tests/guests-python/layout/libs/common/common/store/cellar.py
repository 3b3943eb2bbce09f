"""Asked for by nobody."""


class Cellar:
    pass
