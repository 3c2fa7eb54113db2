"""Pictures with labelled objects, as written by the simulator, and batches of queries drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from vplanner_models.config import FIRST_VALIDATION_SEED, SKILLS, VIEWS
from vplanner_models.errors import TrainingInputError
from vplanner_models.geometry import rotation_columns
from vplanner_models.prompter_data import COLOURS
from vplanner_models.prompter_net import HEAT_CELLS, VISION_NOUNS

_ANY = 0
_SIGMA_CELLS = 0.75
_EXTRA_QUERIES = 14
_NEAR_CELLS = 9
_KEYS = ("images", "nouns", "colours", "uv", "xyz", "boxes", "skill", "source", "target", "done", "robot")


@dataclass(frozen=True, slots=True)
class PictureSet:
    """Instants: images uint8 (N, V, H, W, 3), their objects, and what was pursued.

    Per object slot: codes (N, K), -1 where unused, points uv (N, K, V, 2), positions xyz (N, K, 3) [m] and boxes
    (N, K, V, 4) as left, top, right, bottom in [0, 1], without extent where nothing is seen. `skill` (N,) is a code,
    `source` and `target` (N,) are slots, `done` (N,) says whether it was reached, and `proprio` (N, 10) is TCP
    position [m], two columns of its rotation matrix and gripper opening.
    """

    images: Tensor
    nouns: Tensor
    colours: Tensor
    uv: Tensor
    xyz: Tensor
    boxes: Tensor
    skill: Tensor
    source: Tensor
    target: Tensor
    done: Tensor
    proprio: Tensor

    @classmethod
    def load(cls, folders: Sequence[Path], validation: bool) -> PictureSet:
        """Read all blocks of scenes that are (not) for validation.

        Raises:
            TrainingInputError: There are none, or a file is no block of pictures.
        """
        files = [
            file
            for folder in folders
            for file in sorted(folder.glob("*.npz"))
            if (_first_seed(file) >= FIRST_VALIDATION_SEED) == validation
        ]
        if not files:
            kind = "validation" if validation else "training"
            places = ", ".join(str(folder) for folder in folders)
            raise TrainingInputError(
                f"{places}: no pictures of {kind} scenes; `vplanner collect --pictures` takes some"
            )
        blocks = [_read(file) for file in files]
        images = np.concatenate([block.pop("images") for block in blocks])
        joined = {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}
        robot = torch.from_numpy(joined.pop("robot"))
        return cls(
            images=torch.from_numpy(images),
            proprio=torch.cat([robot[:, :3], rotation_columns(robot[:, 3:7]), robot[:, 7:]], -1),
            nouns=_codes(joined.pop("nouns"), VISION_NOUNS),
            colours=_codes(joined.pop("colours"), COLOURS),
            skill=_codes(joined.pop("skill"), SKILLS),
            **{key: torch.from_numpy(values) for key, values in joined.items()},
        )

    def __len__(self) -> int:
        """Number of instants."""
        return len(self.images)


@dataclass(frozen=True, slots=True)
class Queries:
    """A batch: images (B, 3, H, W) in 0..1, views (B,), nouns and colours (B, Q), and what is right.

    `heat` (B, Q, cells) sums to 1 where the thing is there and to 0 where it is not. `near` (B, Q, N) are the cells
    around the point, and `share` (B, Q, N) what of the heat is there; `offset` (B, Q, 2, N) is the way from their
    centres to the point [cells], meant where `single` (B, Q) says that one thing fits; `box` (B, Q, 4, N) are the
    distances to the sides of its box [cells], meant where `boxed` (B, Q) says that it is seen.
    """

    images: Tensor
    view: Tensor
    noun: Tensor
    colour: Tensor
    heat: Tensor
    near: Tensor
    share: Tensor
    offset: Tensor
    single: Tensor
    box: Tensor
    boxed: Tensor


def draw_queries(data: PictureSet, rows: Tensor, generator: torch.Generator, augment: bool) -> Queries:
    """Ask about everything that is in the pictures, and as much about what is not."""
    view = torch.randint(len(VIEWS), rows.shape, generator=generator)
    images = data.images[rows, view].permute(0, 3, 1, 2).float() / 255.0
    uv, boxes = data.uv[rows, :, view], data.boxes[rows, :, view]  # (B, K, 2), (B, K, 4)
    if augment:
        images, shift = augmented(images, generator)
        uv, boxes = uv + shift, boxes + shift.repeat(2)
    nouns, colours = data.nouns[rows], data.colours[rows]
    noun, colour = _ask(nouns, colours, generator)
    matches = (noun[..., None] == nouns[:, None]) & (
        (colour[..., None] == colours[:, None]) | (colour == _ANY)[..., None]
    )
    matches &= ((uv > 0) & (uv < 1)).all(-1)[:, None]
    centres = (torch.arange(HEAT_CELLS) + 0.5) / HEAT_CELLS
    v, u = torch.meshgrid(centres, centres, indexing="ij")
    cells = torch.stack([u.flatten(), v.flatten()])
    way = (uv[..., None] - cells) * HEAT_CELLS  # (B, K, 2, cells)
    bell = torch.softmax(-way.square().sum(2) / (2 * _SIGMA_CELLS**2), -1)
    heat = (matches.float() / matches.sum(-1, keepdim=True).clamp(min=1)) @ bell
    share, near = heat.topk(_NEAR_CELLS, dim=-1)
    first = matches.float().argmax(-1)  # (B, Q)
    index = torch.arange(len(rows))[:, None]
    centre = cells.T[near].transpose(2, 3)  # (B, Q, 2, N)
    point, box = uv[index, first], boxes.clamp(0, 1)[index, first]
    single = matches.sum(-1) == 1
    return Queries(
        images.contiguous(memory_format=torch.channels_last),
        view,
        noun,
        colour,
        heat=heat,
        near=near,
        share=share,
        offset=(point[..., None] - centre) * HEAT_CELLS,
        single=single,
        box=torch.cat([centre - box[..., :2, None], box[..., 2:, None] - centre], 2) * HEAT_CELLS,
        boxed=single & (box[..., 2:] > box[..., :2]).all(-1),
    )


def _ask(nouns: Tensor, colours: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Codes (B, Q): every object by noun and colour, then by noun alone, with strange colours, and anything at all.

    What may not be there is asked for as often as it is there in other pictures, so that rare things are not doubted.
    """
    shape = (len(nouns), _EXTRA_QUERIES)
    used = nouns >= 0
    picks = torch.multinomial(used.float(), _EXTRA_QUERIES, replacement=True, generator=generator)
    noun = torch.cat([nouns, nouns.gather(1, picks)], 1)
    colour = torch.cat([colours, colours.gather(1, picks)], 1)
    elsewhere = nouns[used]
    strange_noun = elsewhere[torch.randint(len(elsewhere), noun.shape, generator=generator)]
    strange_colour = torch.randint(len(COLOURS), noun.shape, generator=generator)
    kind = torch.cat([torch.zeros_like(nouns), torch.randint(1, 5, shape, generator=generator)], 1)
    noun = torch.where((noun < 0) | (kind >= 3), strange_noun, noun)
    colour = torch.where((colour < 0) | (kind == 2) | (kind == 4), strange_colour, colour)
    return noun, torch.where(kind == 1, _ANY, colour)


def augmented(images: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Shift, blur through half the size, and change light, colour balance and noise a little.

    Args:
        images: (B, 3, H, W) in 0..1.
        generator: Of all that is drawn.

    Returns:
        The pictures, and by how much everything in them has moved, as u, v (2,) in shares of their size.
    """
    size = images.shape[-1]
    moved = torch.zeros(2)
    draw = torch.rand(4, generator=generator)
    if draw[0] < 0.25:
        reach = 3
        right, down = torch.randint(-reach, reach + 1, (2,), generator=generator).tolist()
        padded = F.pad(images, (reach,) * 4, mode="replicate")
        images = padded[:, :, reach - down : reach - down + size, reach - right : reach - right + size]
        moved = torch.tensor([right, down]) / size
    if draw[1] < 0.1:
        images = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2.0, mode="bilinear", align_corners=False)
    count = len(images)
    gain = (
        1
        + 0.1 * torch.randn(count, 1, 1, 1, generator=generator)
        + 0.03 * torch.randn(count, 3, 1, 1, generator=generator)
    )
    shift = 0.04 * torch.randn(count, 1, 1, 1, generator=generator)
    noise = 0.02 * draw[2] * torch.randn(images.shape, generator=generator)
    return (images * gain + shift + noise).clamp(0, 1), moved


def _codes(names: np.ndarray, known: tuple[str, ...]) -> Tensor:
    codes = np.full(names.shape, -1, dtype=np.int64)
    for code, name in enumerate(known):
        codes[names == name] = code
    if unknown := set(names[(codes < 0) & (names != "")].tolist()):
        raise TrainingInputError(f"pictures show {', '.join(sorted(unknown))}; the network knows {', '.join(known)}")
    return torch.from_numpy(codes)


def _read(file: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(file, allow_pickle=False) as block:
            return {key: block[key] for key in _KEYS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise TrainingInputError(f"{file} is no block of pictures, or damaged ({error}); remove it") from error


def _first_seed(file: Path) -> int:
    seed = file.stem.rpartition("-")[2]
    if not seed.isdecimal():
        raise TrainingInputError(f"{file} is no block of pictures; `vplanner collect --pictures` names them TASK-SEED")
    return int(seed)
