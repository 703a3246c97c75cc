"""Where the program is."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator

from ._errors import Error


def find_bin() -> str:
    """The path of the program `logitscope` that was installed with this package; PATH need not name its folder.

    The environment variable LOGITSCOPE_BIN comes first, PATH last.
    """
    chosen = os.environ.get("LOGITSCOPE_BIN")
    if chosen:
        if os.path.isfile(chosen):
            return os.path.abspath(chosen)
        raise Error(f"LOGITSCOPE_BIN is {chosen}, and there is no such file")
    name = "logitscope" + (sysconfig.get_config_var("EXE") or "")
    for folder in _folders():
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    on_path = shutil.which(name)
    if on_path:
        return os.path.abspath(on_path)
    raise Error(
        f"the program {name} is not installed beside this package, nor on PATH",
        "pip install --force-reinstall logitscope, or name it in the environment variable LOGITSCOPE_BIN",
    )


def _folders() -> Iterator[str]:
    yield sysconfig.get_path("scripts")
    # `pip install --target FOLDER` puts it into FOLDER/bin.
    packages = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield os.path.join(packages, "bin")
    # `pip install --prefix FOLDER`, and environments laid over others: FOLDER/lib/pythonX.Y/site-packages.
    folder = packages
    for _ in range(3):
        folder = os.path.dirname(folder)
        yield os.path.join(folder, "Scripts" if os.name == "nt" else "bin")
    # `pip install --user`.
    if sys.version_info >= (3, 10):
        scheme = sysconfig.get_preferred_scheme("user")
    else:
        scheme = "nt_user" if os.name == "nt" else "posix_user"
    yield sysconfig.get_path("scripts", scheme=scheme)
