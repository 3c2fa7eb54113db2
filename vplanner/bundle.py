"""Bundles: folders of ONNX networks with a `bundle.json` that says what is inside, checked when loaded."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from vplanner.errors import BundleError

SCHEMA_VERSION = 1
DEFAULT_BUNDLE = Path("models") / "bundles" / "panda-tabletop"


class _Part(BaseModel):
    """Unknown keys are ignored: a newer writer may add some without a new schema version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class TensorSpec(_Part):
    """One input or output; a string in `shape` is a free axis, such as the batch."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]


class Component(_Part):
    """One network file. `gflop_per_sample` is the work of a batch of one."""

    file: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    precision: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    gflop_per_sample: float | None = None


class Normalisation(_Part):
    """`residual_scale` times the video model's output is future minus present latents; one number, or one a step."""

    residual_scale: float | tuple[float, ...]


class ActionLimits(_Part):
    """Largest norms of one SE(3) step: translation [m] and rotation [rad]."""

    translation_m: float = Field(gt=0.0)
    rotation_rad: float = Field(gt=0.0)


_Row3 = tuple[float, float, float]
_Row4 = tuple[float, float, float, float]


class CameraSpec(_Part):
    """Where a camera stands whose pictures the networks know: the fields of `vplanner.types.CameraModel`."""

    intrinsics: tuple[_Row3, _Row3, _Row3]
    T_base_cam: tuple[_Row4, _Row4, _Row4, _Row4]


class Manifest(_Part):
    """The contents of `bundle.json`; older bundles tell nothing of `cameras`."""

    schema_version: int
    name: str
    components: dict[str, Component]
    normalisation: Normalisation
    sigmas: tuple[float, ...] = Field(min_length=2)
    temperatures: tuple[float, ...] = Field(min_length=1)
    views: tuple[str, ...] = Field(min_length=1)
    image_size: int = Field(gt=0)
    horizon: int = Field(gt=0)
    dt_s: float = Field(gt=0.0)
    action_limits: ActionLimits
    skills: tuple[str, ...]
    cameras: dict[str, CameraSpec] = Field(default_factory=dict)
    training: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A checked bundle: its folder and its manifest."""

    folder: Path
    manifest: Manifest

    def component(self, name: str) -> Component:
        """The named component. Raises `BundleError` when the bundle has none."""
        try:
            return self.manifest.components[name]
        except KeyError:
            have = ", ".join(sorted(self.manifest.components))
            raise BundleError(f"{self.folder}: no component '{name}'; the bundle has: {have}") from None

    def has(self, name: str) -> bool:
        """Whether the bundle has the named component."""
        return name in self.manifest.components

    def path(self, name: str) -> Path:
        """File of the named component. Raises `BundleError` when the bundle has none."""
        return self.folder / self.component(name).file


def default_bundle_path() -> Path:
    """$VPLANNER_BUNDLE, or the bundle of the checkout that this package or the working directory belongs to."""
    configured = os.environ.get("VPLANNER_BUNDLE")
    if configured:
        return Path(configured)
    roots = (Path(__file__).resolve().parent.parent, Path.cwd(), *Path.cwd().parents)
    for root in roots:
        if (root / DEFAULT_BUNDLE / "bundle.json").is_file():
            return root / DEFAULT_BUNDLE
    return roots[0] / DEFAULT_BUNDLE


def load_bundle(folder: Path | None = None) -> Bundle:
    """Read and check a bundle: schema, files, hashes, and what the runtime relies on.

    Args:
        folder: The bundle's folder; without it, the default bundle.

    Raises:
        BundleError: The message names the file and what would be right.
    """
    folder = default_bundle_path() if folder is None else folder
    path = folder / "bundle.json"
    if not path.is_file():
        raise BundleError(f"{path}: no such file; give --bundle a folder with bundle.json (see `vplanner export`)")
    manifest = _read_manifest(path)
    for component in manifest.components.values():
        _check_file(folder, component)
    _check_meaning(path, manifest)
    return Bundle(folder, manifest)


def _read_manifest(path: Path) -> Manifest:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{path}: not readable as JSON ({error})") from error
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise BundleError(f"{path}: schema_version is {version!r}; this version of vplanner reads {SCHEMA_VERSION}")
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{path}: {where}: {first['msg']}") from error


def _check_file(folder: Path, component: Component) -> None:
    path = folder / component.file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BundleError(f"{path}: lies outside the bundle; component files belong in {folder}")
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"{path}: cannot be read ({error.strerror}); bundle.json lists it") from error
    if found != component.sha256:
        raise BundleError(f"{path}: SHA-256 is {found[:12]}..., bundle.json says {component.sha256[:12]}...")


def _check_meaning(path: Path, manifest: Manifest) -> None:
    sigmas = manifest.sigmas
    if sigmas[0] != 1.0 or sigmas[-1] != 0.0 or any(a <= b for a, b in pairwise(sigmas)):
        raise BundleError(f"{path}: sigmas are {list(sigmas)}; they must fall from 1.0 to 0.0")
    scale = manifest.normalisation.residual_scale
    if isinstance(scale, tuple) and len(scale) != manifest.horizon:
        raise BundleError(f"{path}: residual_scale has {len(scale)} numbers; give one, or horizon = {manifest.horizon}")
