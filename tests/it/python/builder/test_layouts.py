"""Layouts of projects: where imports start, and which modules have activities."""

from __future__ import annotations

import os
import unittest

from projects import ProjectTest

START = "from temporalio import activity\n"
PACK = START + "@activity.defn\ndef pack(): ...\n"
# A decorator of the project's own.
TASK = START + "def task(function):\n    return activity.defn(name=f'my-{function.__name__}')(function)\n"


class Layouts(ProjectTest):
    def check(self, files: dict, expected: object, *, path: str = "", name: str = "project") -> None:
        project = self.write(files, name)
        self.assertEqual(self.registered(project / path), expected)

    def test_a_plain_folder(self) -> None:
        self.check({"activities.py": "import shared\n" + PACK, "shared.py": ""}, ["pack"])

    def test_a_package(self) -> None:
        self.check({"__init__.py": "", "shared.py": "", "activities.py": "from . import shared\nimport project.shared\n" + PACK}, ["pack"])

    def test_a_package_that_is_run_from_inside(self) -> None:
        self.check({"__init__.py": "", "shared.py": "", "activities.py": "from shared import *\n" + PACK}, ["pack"])

    def test_a_package_that_is_both(self) -> None:
        files = {
            "__init__.py": "",
            "shared.py": "",
            "activities.py": "import shared\n" + PACK,
            "sub/__init__.py": "",
            "sub/more.py": "from ..shared import *\n" + START + "@activity.defn\ndef more(): ...\n",
        }
        self.check(files, ["more", "pack"])

    def test_src(self) -> None:
        self.check({"src/orders/__init__.py": "", "src/orders/work.py": "import orders\n" + PACK, "examples/x.py": "import gone\n" + PACK}, ["pack"])

    def test_src_that_is_a_package(self) -> None:
        files = {"src/__init__.py": "", "src/shared.py": "", "src/work.py": "from src.shared import *\n" + PACK}
        self.check(files, ["pack"])

    def test_src_without_init_that_is_named(self) -> None:
        files = {"src/shared.py": "", "src/work.py": "from src.shared import *\n" + PACK, "src/worker.py": "from src.work import pack\n"}
        self.check(files, ["pack"])

    def test_src_beside_what_has_the_activities(self) -> None:
        self.check({"src/helpers.py": "", "work.py": "from src import helpers\n" + PACK}, ["pack"])

    def test_a_folder_with_a_hyphen(self) -> None:
        self.check({"order-work/shared.py": "", "order-work/work.py": "import shared\n" + PACK}, ["pack"])

    def test_a_project_with_a_hyphen_and_blanks(self) -> None:
        self.check({"__init__.py": "", "a.py": "from .b import *\n" + PACK, "b.py": ""}, ["pack"], name="my-order work")

    def test_a_folder_below_that_is_run_from_inside(self) -> None:
        files = {"services/billing/shared.py": "", "services/billing/work.py": "from shared import *\n" + PACK, "tools/x.py": ""}
        self.check(files, ["pack"])

    def test_folders_without_init(self) -> None:
        self.check({"company/orders/work.py": "from company.orders import more\n" + PACK, "company/orders/more.py": ""}, ["pack"])

    def test_tests_are_left_out(self) -> None:
        broken = "import pytest_that_is_not_there\n" + PACK
        names = ["test_work.py", "work_test.py", "tests/x.py", "conftest.py", ".hidden/x.py", "env7/pyvenv.cfg", "env7/x.py"]
        self.check({"work.py": PACK, **{name: broken for name in names}}, ["pack"])

    def test_a_module_named_like_one_of_the_library_or_of_a_dependency(self) -> None:
        files = {
            "requirements.txt": "requests\n",
            "app/__init__.py": "",
            "app/work.py": "import logging, requests\nfrom app import logging as ours\n" + PACK,
            "app/logging.py": "",
            "app/requests.py": "",
        }
        project = self.write(files)
        from isolet_build import layout

        self.assertEqual(layout.find(project).paths, ["."])

    def test_a_file(self) -> None:
        files = {"work.py": "import shared, lib.more\n" + PACK, "shared.py": "", "lib/more.py": "", "other/x.py": ""}
        self.check(files, ["pack"], path="work.py")

    def test_a_file_of_any_text(self) -> None:
        files = {"work-v2.py": "from deco import task\n@task\ndef pack(): ...\n", "deco.py": TASK}
        self.check(files, ["my-pack"], path="work-v2.py")

    def test_a_file_of_a_package(self) -> None:
        files = {"app/__init__.py": "", "app/sub/__init__.py": "", "app/sub/work.py": "from ..shared import *\n" + PACK, "app/shared.py": ""}
        self.check(files, ["pack"], path="app/sub/work.py")

    def test_links(self) -> None:
        project = self.write({"work.py": "import shared\n" + PACK})
        self.write({"__init__.py": ""}, "elsewhere/shared")
        (project / "shared").symlink_to(self.folder / "elsewhere/shared")
        (project / "nowhere.py").symlink_to(self.folder / "gone.py")
        (project / "circle").symlink_to(project)
        os.mkfifo(project / "pipe.py")
        self.assertEqual(self.registered(project), ["pack"])

    def test_paths_and_modules_are_said(self) -> None:
        files = {
            "pyproject.toml": "[tool.isolet]\npaths = ['python']\nmodules = ['work']\n",
            "python/work.py": "getattr(__import__('temporalio.activity').activity, 'de' + 'fn')(lambda: 1)\n"
            "from temporalio import activity\n@activity.defn\ndef pack(): ...\n",
        }
        self.check(files, ["pack"])


class Discovery(ProjectTest):
    def check(self, expected: object, **modules: str) -> None:
        """Of a module in a package the keyword is `package_of_module`."""
        project = self.write({f"{name.replace('_of_', '/')}.py": text for name, text in modules.items()})
        self.assertEqual(self.registered(project), expected)

    def test_marks_of_all_kinds(self) -> None:
        kinds = {
            "call": START + "def a(): ...\nactivity.defn(a)\n",
            "named": START + "def b(): ...\nb = activity.defn(name='b2')(b)\n",
            "plain": "from temporalio.activity import defn\n@defn\nasync def c(): ...\n",
            "renamed": "from temporalio import activity as act\n@act.defn(name='d')\ndef x(): ...\n",
            "whole": "import temporalio.activity\n@temporalio.activity.defn\ndef e(): ...\n",
            "alias": "from temporalio.activity import defn as work\n@work\ndef f(): ...\n",
            "looped": START + "def g(): ...\nfor each in [g]:\n    activity.defn(each)\n",
            "partly": START + "import functools\nwork = functools.partial(activity.defn, no_thread_cancel_exception=True)\n@work()\ndef h(): ...\n",
        }
        self.check(["a", "b2", "c", "d", "e", "f", "g", "h"], **kinds)

    def test_decorators_of_the_project(self) -> None:
        self.check(
            ["my-a", "my-b", "my-c", "my-d"],
            deco=TASK,
            again="from deco import task as ours\ndef wrapped(f):\n    return ours(f)\n",
            one="from deco import task\n@task\ndef a(): ...\n",
            two="import again\n@again.wrapped\ndef b(): ...\n",
            star="from deco import *\n",
            three="from star import task\nclass Desk:\n    @task\n    def c(self): ...\n",
            lib_of___init__="from ._deco import task\n",
            lib_of__deco=TASK,
            four="import lib\n@lib.task\ndef d(): ...\n",
        )

    def test_what_is_no_activity_is_not_imported(self) -> None:
        self.check(
            ["pack"],
            work=PACK,
            flow="from temporalio import workflow\nfrom work import pack\nimport gone\n@workflow.defn\nclass W: ...\n",
            flow2="import temporalio.workflow as wf\nimport gone\n@wf.defn\nclass W: ...\n",
            flow3="from temporalio.workflow import defn\nimport gone\n@defn\nclass W: ...\n",
            worker="import gone\nfrom work import pack\ndef main():\n    run([pack])\nif __name__ == '__main__':\n    main()\n",
        )

    def test_factories(self) -> None:
        factory = START + "def make(name):\n    @activity.defn(name=name)\n    def run(): ...\n    return run\n"
        self.check(["a", "b"], factory=factory, work="from factory import make\na = make('a')\nboth = [a, make('b')]\n")

    def test_a_factory_of_a_list(self) -> None:
        factory = PACK.replace("@", "def make():\n  @").replace("\ndef pack", "\n  def pack") + "  return [pack]\n"
        self.check(["pack"], work=factory + "activities = make()\n")

    def test_a_factory_that_nobody_calls(self) -> None:
        project = self.write({"work.py": START + "def make(db):\n    @activity.defn\n    def run(): ...\n    return [run]\n"})
        self.assertEqual(
            self.problem(project),
            "/project has no activities: work.py: make makes activities, and nothing calls it while modules are imported"
            " => call it in its module and keep what it makes, such as `activities = make_activities(…)`",
        )

    def test_objects_that_another_module_makes(self) -> None:
        self.check(
            ["pack"],
            desk=START + "class Desk:\n    def __init__(self, name): ...\n    @activity.defn\n    def pack(self): ...\n",
            work="from desk import Desk\ndesk = Desk('x')\n",
        )

    def test_inherited_methods(self) -> None:
        self.check(
            ["pack", "send"],
            base=START + "class Base:\n    @activity.defn\n    def pack(self): ...\n",
            work=START + "from base import Base\nclass Desk(Base):\n    @activity.defn\n    def send(self): ...\n",
        )

    def test_an_inherited_method_of_two_classes(self) -> None:
        text = START + "class Base:\n    @activity.defn\n    def pack(self): ...\nclass A(Base): ...\nclass B(Base): ...\n"
        self.check(
            "there are two activities named 'pack': A().pack and B().pack, both of work.py:4: say which in a list of the "
            "module, such as `activities = [A().pack]`, or remove one",
            work=text,
        )
        self.check(["pack"], work=text + "activities = [B().pack]\n")

    def test_two_objects_of_a_class(self) -> None:
        text = START + "class Desk:\n    @activity.defn\n    def pack(self): ...\nfront, back = Desk(), Desk()\n"
        self.check(
            "there are two activities named 'pack': front.pack and back.pack, both of work.py:4: say which in a list of the "
            "module, such as `activities = [front.pack]`, or remove one",
            work=text,
        )
        self.check(["pack"], work=text, other="import work\nactivities = [work.back.pack]\n")

    def test_a_class_without_need_of_an_object(self) -> None:
        text = START + "class Desk:\n    def __init__(self, name): ...\n    @staticmethod\n    @activity.defn\n    def pack(): ...\n"
        self.check(["pack"], work=text)

    def test_a_list_of_something_else(self) -> None:
        self.check(["pack"], work=PACK + "activities = ['running', 'swimming']\n")

    def test_a_list_with_what_is_no_activity(self) -> None:
        self.check(
            "work: the list `activities` has helper, which is no activity: mark it with @activity.defn",
            work=PACK + "def helper(): ...\nactivities = [pack, helper]\n",
        )
        self.check(
            "work: the list `activities` has the class Desk: list methods of an object, or a callable object",
            work=START + "class Desk:\n    @activity.defn\n    def pack(self): ...\nactivities = [Desk]\n",
        )
        self.check(
            "work: the list `activities` has an object of the class Desk, which is no activity: list its methods, such as `pack`",
            work=START + "class Desk:\n    @activity.defn\n    def pack(self): ...\nactivities = [Desk()]\n",
        )

    def test_a_list_decides_between_two(self) -> None:
        self.check(
            ["pack"],
            one=PACK,
            two=PACK,
            work="import one, two\nactivities = [two.pack]\n",
        )

    def test_objects_that_have_whatever_they_are_asked_for(self) -> None:
        self.check(["pack"], work=PACK + "from unittest.mock import MagicMock\nclient = MagicMock()\n")

    def test_callable_objects(self) -> None:
        text = START + "@activity.defn(name='adds')\nclass Adder:\n    def __call__(self): ...\nadder = Adder()\n"
        self.check(["adds", "part"], work=text + "import functools\npart = activity.defn(name='part')(functools.partial(lambda a: a, 1))\n")


if __name__ == "__main__":
    unittest.main()
