"""Vision network of the prompter: where in a picture is the thing that a noun and a colour name, and is it there."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import VIEWS
from vplanner_models.prompter_data import COLOURS

VISION_NOUNS = (
    "cube", "ball", "bowl", "zone", "button", "drawer_handle", "lever_grip", "lever_pivot", "cup", "peg", "hole",
    "drawer",
)  # fmt: skip
"""Things with a labelled point, in the order of their codes; colours have the codes of the text network."""
VISION_SIZE = 128
HEAT_CELLS = 32
_EMBEDDING = 24
_MIDDLE = 48
_DESCRIPTION = 96
_NOWHERE = -8.0
_ANSWERS = 7  # heat, two of the way to the point, four of the box


class _Residual(nn.Module):
    """Two 3x3 convolutions around which the input passes; batch norms fold into them for inference."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolve(width, width)
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


class VisionNet(nn.Module):
    """U-Net that describes every cell of a picture once; each query is then one product with the descriptions."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = 16, 32, 64
        self.nouns = nn.Embedding(len(VISION_NOUNS), _EMBEDDING)
        self.colours = nn.Embedding(len(COLOURS), _EMBEDDING)
        self.views = nn.Embedding(len(VIEWS), _EMBEDDING)
        # Per query and answer: weights over the cell's description, and a constant.
        hidden = 4 * _EMBEDDING
        last = nn.Linear(hidden, _ANSWERS * (_DESCRIPTION + 1))
        self.query = nn.Sequential(nn.Linear(3 * _EMBEDDING, hidden), nn.ReLU(), last)
        with torch.no_grad():
            last.bias[_ANSWERS * _DESCRIPTION] = _NOWHERE  # at first, everything is absent
        self.stem = _convolve(3, a, kernel=5, stride=2)  # 64 x 64 cells
        self.down1 = nn.Sequential(_convolve(a, b, stride=2), _Residual(b))  # 32 x 32
        self.down2 = nn.Sequential(_convolve(b, c, stride=2), _Residual(c))  # 16 x 16
        self.down3 = nn.Sequential(_convolve(c, c, stride=2), _Residual(c))  # 8 x 8
        self.up2 = _convolve(c, c)
        self.lateral = nn.Conv2d(b, _MIDDLE, 1)
        self.inward = nn.Conv2d(c, _MIDDLE, 1)
        self.up1 = nn.Sequential(_convolve(_MIDDLE, _MIDDLE), _convolve(_MIDDLE, _DESCRIPTION, kernel=1))

    def forward(
        self, images: Tensor, noun: Tensor, colour: Tensor, view: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Answer Q queries about each of B pictures.

        Args:
            images: (B, 3, 128, 128) in 0..1.
            noun: codes (B, Q) int64 in `VISION_NOUNS`.
            colour: codes (B, Q) int64 in `COLOURS`.
            view: code (B,) int64 in `VIEWS`.

        Returns:
            Logits (B, Q, 32, 32) of where the point is, per cell the way (B, Q, 2, 32, 32) from its centre to the point
            as u, v in cells, the distances (B, Q, 4, 32, 32) in cells from its centre to the left, top, right and
            bottom of what is seen of the thing, and the logit (B, Q) that there is such a thing: the logits of the
            cells against a zero for "nowhere".
        """
        cells, weights, constants = self.describe(images, noun, colour, view)
        answers = (weights.flatten(1, 2) @ cells) * _DESCRIPTION**-0.5 + constants.flatten(1)[..., None]
        answers = answers.reshape(*noun.shape, _ANSWERS, HEAT_CELLS, HEAT_CELLS)
        heat = answers[:, :, 0]
        return heat, answers[:, :, 1:3], answers[:, :, 3:], heat.flatten(2).logsumexp(-1)

    def near(self, images: Tensor, noun: Tensor, colour: Tensor, view: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, with offsets and boxes at a few cells only, which is all that training asks for.

        Args:
            images: (B, 3, 128, 128) in 0..1.
            noun: codes (B, Q) int64 in `VISION_NOUNS`.
            colour: codes (B, Q) int64 in `COLOURS`.
            view: code (B,) int64 in `VIEWS`.
            cells: indices (B, Q, N) int64 of cells, row by row.

        Returns:
            Logits (B, Q, 1024) of where the point is, and offsets with box sides (B, Q, 6, N) at the cells.
        """
        everywhere, weights, constants = self.describe(images, noun, colour, view)
        scale = _DESCRIPTION**-0.5
        heat = (weights[:, :, 0] @ everywhere) * scale + constants[:, :, :1]
        batch = torch.arange(len(images))[:, None, None]
        here = everywhere.transpose(1, 2)[batch, cells]  # (B, Q, N, D)
        return heat, (weights[:, :, 1:] @ here.transpose(2, 3)) * scale + constants[:, :, 1:, None]

    def describe(self, images: Tensor, noun: Tensor, colour: Tensor, view: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Descriptions (B, D, cells) of the pictures; each answer's weights (B, Q, 7, D) and constant (B, Q, 7)."""
        at32 = self.down1(self.stem(images * 2 - 1))
        at16 = self.down2(at32)
        at16 = self.up2(at16 + _double(self.down3(at16)))
        cells = self.up1(F.relu(self.lateral(at32) + _double(self.inward(at16)))).flatten(2)
        seen = self.views(view)[:, None].expand(-1, noun.shape[1], -1)
        asked = self.query(torch.cat([self.nouns(noun), self.colours(colour), seen], -1))
        weights, constants = asked.split((_ANSWERS * _DESCRIPTION, _ANSWERS), -1)
        return cells, weights.reshape(*noun.shape, _ANSWERS, _DESCRIPTION), constants


def _convolve(into: int, out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(into, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out), nn.ReLU())


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
