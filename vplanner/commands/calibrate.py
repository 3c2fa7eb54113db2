"""`vplanner calibrate`: how a camera sees and where it is, from pictures of a board and poses of the robot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from vplanner.commands.common import check_at_least, check_writable, quiet_threads
from vplanner.errors import InputError, StorageError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from vplanner.calibration.board import BoardSpec
    from vplanner.calibration.files import Calibrated


@dataclass(frozen=True, slots=True)
class Calibrate:
    """Calibrate a camera with a ChArUco board (docs/calibration.md); print one with --make-board."""

    pictures: Annotated[Path | None, tyro.conf.Positional] = None
    """Folder of pictures in which the board is seen, 8 or more."""
    poses: Path | None = None
    """JSON with the pose of the TCP in the base's frame for every picture; without it, <pictures>/poses.json."""
    mount: Literal["world", "hand"] = "world"
    """world: the camera stands still and the board is in the gripper; hand: the other way round."""
    view: str = "front"
    """Name of the camera."""
    out: Path = Path("cameras.yaml")
    """File of all cameras; the one named by --view is added or replaced."""
    columns: int = 7
    """Squares across the board."""
    rows: int = 5
    """Squares down the board."""
    square: float = 0.035
    """Edge of a square [m], as measured on the print."""
    marker: float = 0.026
    """Edge of a marker [m], as measured on the print."""
    most_error: float = 1.0
    """Refuse when corners are off by more than that, root mean square [px]."""
    make_board: Path | None = None
    """Write a picture of the board to print into this PNG file, and end."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the result here, too."""

    def run(self) -> int:
        """Calibrate and write the files.

        Raises:
            InputError: For pictures or poses from which no good calibration follows; the message says why.
            StorageError: When a file cannot be written.
        """
        quiet_threads()
        from vplanner.calibration.board import BoardSpec

        check_at_least("--most-error", self.most_error, 0.01)
        board = BoardSpec(self.columns, self.rows, self.square, self.marker)
        board.check()
        if self.make_board is not None:
            return _print_board(board, self.make_board)
        if self.pictures is None:
            raise InputError("give a folder of pictures, or --make-board FILE.png to print a board first")
        check_writable(self.out)
        check_writable(self.json_file)
        return self._calibrate(board, self.pictures)

    def _calibrate(self, board: BoardSpec, folder: Path) -> int:
        from rich.console import Console

        from vplanner.calibration.board import find_board
        from vplanner.calibration.files import Calibrated, read_pictures, read_poses, write_calibration
        from vplanner.calibration.hand_eye import find_hand_eye
        from vplanner.calibration.intrinsics import find_intrinsics
        from vplanner.run_folder import write_json
        from vplanner.transforms import invert_pose

        poses = read_poses(self.poses or folder / "poses.json")
        pictures = read_pictures(folder)
        unknown = sorted(set(poses) - set(pictures))
        if unknown:
            raise InputError(f"poses name pictures that are not in {folder}: {', '.join(unknown[:5])}")
        found = [find_board(board, picture, name) for name, picture in pictures.items()]
        sightings = [sighting for sighting in found if sighting is not None]
        height, width = next(iter(pictures.values())).shape[:2]
        camera, T_cam_board = find_intrinsics(sightings, (width, height), self.most_error)
        usable = [index for index, sighting in enumerate(sightings) if sighting.name in poses]
        hands = [poses[sightings[index].name] for index in usable]
        solved = find_hand_eye(
            [invert_pose(hand) for hand in hands] if self.mount == "hand" else hands,
            [T_cam_board[index] for index in usable],
            [sightings[index] for index in usable],
            camera,
            self.most_error,
        )
        parent = "tcp" if self.mount == "hand" else "base_link"
        result = Calibrated(self.view, parent, camera, solved.Z, solved.error_px, len(usable))
        info = write_calibration(self.out, result)
        if self.json_file is not None:
            write_json(self.json_file, _as_json(result))
        console = Console()
        console.print(f"board found in {len(sightings)} of {len(pictures)} pictures, {len(usable)} of them with a pose")
        console.print(f"corners off by {camera.error_px:.3f} px as a camera, {solved.error_px:.3f} px with the robot")
        console.print(f"written: {self.out}, {info}", soft_wrap=True)
        return 0


def _print_board(board: BoardSpec, path: Path) -> int:
    import cv2

    from vplanner.calibration.board import draw_board

    check_writable(path)
    if path.suffix.lower() != ".png":
        raise InputError(f"{path}: the board is written as PNG; name it *.png")
    if not cv2.imwrite(str(path), draw_board(board)):
        raise StorageError(f"{path}: cannot be written")
    width, height = (1000.0 * (n + 1) * board.square_m for n in (board.columns, board.rows))
    print(f"{path}: print it {width:.0f} mm x {height:.0f} mm on something stiff, and measure a square afterwards")
    return 0


def _as_json(result: Calibrated) -> dict[str, JsonValue]:
    return {
        "view": result.view,
        "parent": result.parent,
        "T_parent_cam": result.T_parent_cam.tolist(),
        "camera_matrix": result.intrinsics.K.tolist(),
        "distortion": result.intrinsics.distortion.tolist(),
        "camera_error_px": result.intrinsics.error_px,
        "error_px": result.error_px,
        "pictures": result.pictures,
    }
