"""Pictures for people: captions, grounded points, candidate sheets and mp4 files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np

from vplanner.errors import StorageError
from vplanner.types import CameraFrame, GroundedObject, Image, SubGoal

Colour = tuple[int, int, int]

WHITE: Colour = (240, 240, 240)
GREY: Colour = (150, 150, 150)
GREEN: Colour = (90, 220, 120)
ORANGE: Colour = (255, 170, 60)
BLUE: Colour = (90, 170, 255)
BACKGROUND: Colour = (24, 26, 30)


def canvas(height: int, width: int) -> Image:
    """An empty picture."""
    return np.full((height, width, 3), BACKGROUND, dtype=np.uint8)


def write_text(image: Image, text: str, left: int, baseline: int, size: int, colour: Colour) -> None:
    """Draw one line onto `image`; `size` is the height of the letters [pixel]."""
    if hasattr(cv2, "FontFace"):  # OpenCV 5 brings a font with Chinese characters; OpenCV 4 has ASCII strokes only
        cv2.putText(image, text, (left, baseline), colour, _font(), size, 400)
    else:
        cv2.putText(image, text, (left, baseline), cv2.FONT_HERSHEY_SIMPLEX, size / 26.0, colour, 1, cv2.LINE_AA)


def shorten(text: str, size: int, width: int) -> str:
    """The beginning of `text` that fits into `width` [pixel] in letters of height `size`, with `..` where it is cut."""
    used = 0.0
    for index, letter in enumerate(text):
        used += size * (1.1 if ord(letter) > 0x2E80 else 0.62)
        if used > width:
            return text[: max(0, index - 2)] + ".."
    return text


def _font() -> cv2.FontFace:
    return cv2.FontFace("uni")


def resize(image: Image, size: int) -> Image:
    """The picture at `size` x `size`, smoothly interpolated, or averaged where it gets smaller."""
    method = cv2.INTER_CUBIC if image.shape[0] < size else cv2.INTER_AREA
    return np.asarray(cv2.resize(image, (size, size), interpolation=method), dtype=np.uint8)


def frame_border(image: Image, colour: Colour, width: int) -> None:
    """Draw a border inside the edge of `image`."""
    height, length = image.shape[:2]
    cv2.rectangle(image, (0, 0), (length - 1, height - 1), colour, width)


def spoken(name: str) -> str:
    """A name as people say it: `drawer_handle` is a drawer handle."""
    return name.replace("_", " ")


def mark_points(frame: CameraFrame, sub_goals: Sequence[SubGoal], size: int) -> Image:
    """The frame at `size` x `size` with a cross on each source (blue), a circle on each target (orange), and boxes."""
    image = resize(frame.image, size)
    for sub_goal in sub_goals:
        for thing, colour, cross in ((sub_goal.target, ORANGE, False), (sub_goal.source, BLUE, True)):
            for point in thing.points:
                if point.camera != frame.name:
                    continue
                for box in thing.boxes:
                    if box.camera == frame.name:
                        corners = np.array([[box.left, box.top], [box.right, box.bottom]])
                        first, second = np.rint(corners * size).astype(int).tolist()
                        cv2.rectangle(image, first, second, colour, 1, cv2.LINE_AA)
                centre = (round(point.u * size), round(point.v * size))
                if cross:
                    cv2.drawMarker(image, centre, colour, cv2.MARKER_CROSS, size // 14, 2, cv2.LINE_AA)
                else:
                    cv2.circle(image, centre, size // 24, colour, 2, cv2.LINE_AA)
    return image


def annotated(frames: Sequence[CameraFrame], sub_goals: Sequence[SubGoal], size: int = 384) -> Image:
    """All frames side by side, each with its points and the names of what was found."""
    height = 30 + 24 * len(sub_goals)
    sheet = canvas(size + height, size * len(frames))
    for index, frame in enumerate(frames):
        sheet[:size, index * size : (index + 1) * size] = mark_points(frame, sub_goals, size)
        write_text(sheet, frame.name, index * size + 8, 22, 15, WHITE)
    for row, sub_goal in enumerate(sub_goals):
        source, target = sub_goal.source, sub_goal.target
        line = f"{spoken(sub_goal.skill.value)}: + {spoken(source.label)} ({source.confidence:.2f})"
        line += f"   o {spoken(target.label)} ({target.confidence:.2f})"
        write_text(sheet, line, 8, size + 24 + 24 * row, 15, WHITE)
    return sheet


def named(frames: Sequence[CameraFrame], things: Sequence[GroundedObject], size: int = 384) -> Image:
    """All frames side by side, each with a cross and its name on each of the things."""
    sheet = canvas(size, size * len(frames))
    for index, frame in enumerate(frames):
        image = resize(frame.image, size)
        points = [(thing, point) for thing in things for point in thing.points if point.camera == frame.name]
        for thing, point in points:
            column, row = round(point.u * size), round(point.v * size)
            cv2.drawMarker(image, (column, row), BLUE, cv2.MARKER_CROSS, size // 24, 2, cv2.LINE_AA)
            write_text(image, spoken(thing.label), column + size // 40, row - size // 40, 13, WHITE)
        sheet[:, index * size : (index + 1) * size] = image
        write_text(sheet, frame.name, index * size + 8, 22, 15, WHITE)
    return sheet


def as_png(image: Image) -> bytes:
    """An RGB picture as the bytes of a PNG file."""
    done, data = cv2.imencode(".png", image[..., ::-1])
    assert done
    return data.tobytes()


def save_png(image: Image, path: Path) -> None:
    """Write an RGB picture. Raises `StorageError` when it cannot be written."""
    data = as_png(image)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error


class _Sink:
    """Takes what the muxer writes. The muxer crashes the process when a write fails, so it never writes to disk."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def write(self, data: bytes) -> int:
        self._pending += data
        return len(data)

    def take(self) -> bytes:
        """What has been written since the last call."""
        taken = bytes(self._pending)
        self._pending.clear()
        return taken


class Mp4Writer:
    """Writes H.264 that every browser plays; a context manager. Files are readable however the program ends."""

    def __init__(self, path: Path, width: int, height: int, fps: Fraction) -> None:
        """Create the file; `width` and `height` are even. Raises `StorageError` when it cannot be written."""
        self._path = path
        self._fps = fps
        self._frames = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._failure(error) from error
        self._sink = _Sink()
        # Fragments: what has been written can be played even when the process is killed.
        options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        self._container = av.open(self._sink, "w", format="mp4", options=options)
        self._stream = self._container.add_stream("libx264", rate=fps, options={"crf": "18", "g": "10"})
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "yuv420p"
        self._stream.codec_context.thread_count = 1
        self._stream.codec_context.time_base = 1 / fps

    def __enter__(self) -> Mp4Writer:
        """Return the writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; an error on the way out does not hide the one that led here."""
        try:
            self.close()
        except StorageError:
            if kind is None:
                raise

    def add(self, image: Image) -> None:
        """Append one RGB picture. Raises `StorageError` when it cannot be written."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, frame.time_base = self._frames, 1 / self._fps
        self._frames += 1
        self._container.mux(self._stream.encode(frame))
        self._save()

    def close(self) -> None:
        """Flush and close; a film without pictures is removed. Raises `StorageError` when it cannot be written."""
        if self._file.closed:
            return
        if not self._frames:
            self._file.close()
            self._path.unlink(missing_ok=True)
            return
        self._container.mux(self._stream.encode(None))
        self._container.close()
        try:
            self._save()
        finally:
            self._file.close()

    def _save(self) -> None:
        data = memoryview(self._sink.take())
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> StorageError:
        return StorageError(
            f"{self._path}: video cannot be written ({error.strerror}); free space or choose another --out"
        )
