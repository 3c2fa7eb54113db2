"""H.264 video files that hold the episodes of one camera one after the other."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np

from vplanner.data.schema import FPS
from vplanner.types import Image

PIXEL_FORMAT = "yuv420p"
_OPTIONS = {"crf": "16", "preset": "veryfast", "g": "4", "bf": "0", "threads": "1"}


class VideoWriter:
    """Collects pictures for one mp4 file, which is written at the end; use it as a context manager.

    The muxer writes to memory: on a full disk it would take the process down with it.
    """

    def __init__(self, path: Path, image_size: int) -> None:
        """Begin, and make the file's folder where needed."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._bytes = io.BytesIO()
        self._container = av.open(self._bytes, "w", format="mp4")
        self._stream = self._container.add_stream("libx264", rate=FPS, options=_OPTIONS)
        self._stream.width = self._stream.height = image_size
        self._stream.pix_fmt = PIXEL_FORMAT
        self._stream.codec_context.time_base = Fraction(1, FPS)
        self.frames = 0

    def __enter__(self) -> VideoWriter:
        """Return the writer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Flush the encoder and write the file, unless an error is on its way. Raises `OSError` if it cannot."""
        if self.frames and kind is None:
            self._container.mux(self._stream.encode(None))
        self._container.close()
        if kind is None:
            self._path.write_bytes(self._bytes.getbuffer())

    def add(self, images: Image) -> None:
        """Append pictures (N, H, W, 3)."""
        for image in images:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            frame.pts = self.frames
            frame.time_base = Fraction(1, FPS)
            self._container.mux(self._stream.encode(frame))
            self.frames += 1


def read_video(path: Path) -> Image:
    """Decode every picture (N, H, W, 3) of a file, in order."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        return np.stack([_to_rgb(frame) for frame in container.decode(stream)])


def _to_rgb(frame: av.VideoFrame) -> Image:
    """Return the picture (H, W, 3) of a frame.

    FFmpeg's conversion from 4:2:0 darkens every pixel by one level on average; OpenCV's does not, and is faster.
    """
    if frame.format.name == "yuv420p":
        return np.asarray(cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2RGB_I420), np.uint8)
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
