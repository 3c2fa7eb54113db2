"""The console script `vplanner`: one subcommand per file in `commands`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from typing import Annotated

import tyro

from vplanner.commands.bench import Bench
from vplanner.commands.calibrate import Calibrate
from vplanner.commands.collect import Collect
from vplanner.commands.doctor import Doctor
from vplanner.commands.eval import Eval
from vplanner.commands.export import Export
from vplanner.commands.launch import Launch
from vplanner.commands.prompt import Prompt
from vplanner.commands.run import Run
from vplanner.commands.serve import Serve
from vplanner.commands.train import Train
from vplanner.errors import VPlannerError

Command = (
    Annotated[Run, tyro.conf.subcommand("run")]
    | Annotated[Eval, tyro.conf.subcommand("eval")]
    | Annotated[Collect, tyro.conf.subcommand("collect")]
    | Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Export, tyro.conf.subcommand("export")]
    | Annotated[Prompt, tyro.conf.subcommand("prompt")]
    | Annotated[Bench, tyro.conf.subcommand("bench")]
    | Annotated[Launch, tyro.conf.subcommand("launch")]
    | Annotated[Calibrate, tyro.conf.subcommand("calibrate")]
    | Annotated[Serve, tyro.conf.subcommand("serve")]
    | Annotated[Doctor, tyro.conf.subcommand("doctor")]
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when done, 1 when a task failed, 2 when the input cannot be used."""
    # What ends services and containers ends an episode as Ctrl-C does: files are closed and readable.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        command: Command = tyro.cli(Command, prog="vplanner", description=_ABOUT, args=arguments)
        return command.run()
    except VPlannerError as error:
        print(f"vplanner: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if error.name not in _MEDIA:
            raise
        print(f"vplanner: {error.name} is not installed; pip install 'vplanner[media]'", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("vplanner: interrupted", file=sys.stderr)
        return 1


_MEDIA = ("av", "cv2")  # for pictures and video; planning itself needs neither
_ABOUT = "One instruction becomes motion: imagine video, read SE(3) commands out of it, execute them, look again."

if __name__ == "__main__":
    sys.exit(main())
