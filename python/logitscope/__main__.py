"""`python -m logitscope`: the program itself, wherever it is installed."""

import os
import subprocess
import sys

from ._errors import Error
from ._find import find_bin


def main() -> int:
    try:
        command = [find_bin(), *sys.argv[1:]]
    except Error as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if os.name != "nt":
        # The program takes the place of this process: its exit status, terminal and signals are its own.
        os.execv(command[0], command)
    with subprocess.Popen(command) as program:
        while True:
            try:
                return program.wait()
            except KeyboardInterrupt:
                # Ctrl-C reaches the program too, which knows what to do with it.
                continue


if __name__ == "__main__":
    sys.exit(main())
