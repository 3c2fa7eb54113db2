"""Sizes of the networks and settings of their training. Nothing here imports torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

VIEWS = ("front", "side")
"""Camera views in the order of every array."""
SKILLS = (
    "reach", "push", "pick_place", "stack", "press", "open_drawer", "close_drawer", "turn_lever", "pour", "insert",
)  # fmt: skip
"""Skills in the order of the one-hot code."""
IMAGE_SIZE = 64
GRID = 8
"""Latent cells along each side of a picture."""
LATENT_CHANNELS = 8
HORIZON = 4
"""Future steps T that are imagined at once."""
DT_S = 0.2
TRANSLATION_LIMIT_M = 0.05
ROTATION_LIMIT_RAD = 0.35
SIGMAS = (1.0, 0.5, 0.0)
"""Noise levels of the flow's few steps."""
TEMPERATURES = (0.3, 0.5, 0.7)
"""Scales of the noise that samples start from, in turn."""
FIRST_VALIDATION_SEED = 100_000
"""Scenes with smaller seeds are trained on; scenes from here on only measure."""

Preset = Literal["tiny", "small", "base"]
StageName = Literal["tokenizer", "inverse_dynamics", "video_model", "critic", "behaviour_cloning"]
STAGES: tuple[StageName, ...] = ("tokenizer", "inverse_dynamics", "video_model", "critic", "behaviour_cloning")
PrompterStage = Literal["prompter_text", "prompter_vision", "prompter_judge"]
PROMPTER_STAGES: tuple[PrompterStage, ...] = ("prompter_text", "prompter_vision", "prompter_judge")


@dataclass(frozen=True, slots=True)
class TokenizerConfig:
    """Widths at 32, 16 and 8 cells (encoder) and at 8, 16 and 32 cells (decoder)."""

    encoder_widths: tuple[int, int, int] = (32, 48, 80)
    decoder_widths: tuple[int, int, int] = (96, 64, 32)
    latent_noise: float = 0.08
    """Standard deviation of the noise added to latents in training."""
    foreground_weight: float = 6.0
    """Weight of pixels that differ from the table."""
    pose_weight: float = 1.0
    """Weight of the auxiliary regression of the TCP pose."""


@dataclass(frozen=True, slots=True)
class TrunkConfig:
    """Transformer over the patches of both views."""

    width: int = 192
    depth: int = 6
    heads: int = 6


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """Convolutional reader of latent grids (inverse dynamics, critic): widths at 8 and 4 cells, and of the head."""

    widths: tuple[int, int] = (64, 128)
    hidden: int = 256


@dataclass(frozen=True, slots=True)
class VideoTrainingConfig:
    """How the video model is trained: shares of conditions, weights and noise."""

    regression_only: float = 0.4
    """Share of the budget before flow matching begins."""
    prompt_share: float = 0.65
    action_share: float = 0.2
    """Shares of rows that see the prompt only and the actions only; the rest see both."""
    moving_weight: float = 5.0
    action_weight: float = 25.0
    """Weight of the commands that the frozen inverse dynamics reads out of imagined latents."""
    intent_weight: float = 2.0
    """Weight of the steps that the prompt alone suggests."""
    lowest_sigma: float = 0.05


@dataclass(frozen=True, slots=True)
class OptimiserConfig:
    """AdamW with linear warm-up and a cosine over the time budget."""

    batch_size: int = 64
    learning_rate: float = 1e-3
    final_share: float = 0.02
    """Share of the learning rate that is left at the end."""
    warmup_steps: int = 150
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    ema_decay: float = 0.998


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Everything that defines a run."""

    name: str
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    trunk: TrunkConfig = field(default_factory=TrunkConfig)
    inverse_dynamics: ReaderConfig = field(default_factory=ReaderConfig)
    critic: ReaderConfig = field(default_factory=lambda: ReaderConfig(widths=(48, 96), hidden=128))
    video: VideoTrainingConfig = field(default_factory=VideoTrainingConfig)
    tokenizer_optimiser: OptimiserConfig = field(default_factory=lambda: OptimiserConfig(batch_size=16))
    reader_optimiser: OptimiserConfig = field(default_factory=lambda: OptimiserConfig(batch_size=128))
    trunk_optimiser: OptimiserConfig = field(
        default_factory=lambda: OptimiserConfig(batch_size=64, learning_rate=7e-4, warmup_steps=300)
    )


PRESETS: dict[Preset, ModelConfig] = {
    "tiny": ModelConfig(name="tiny"),
    "small": ModelConfig(
        name="small",
        tokenizer=TokenizerConfig(encoder_widths=(48, 96, 160), decoder_widths=(160, 96, 64)),
        trunk=TrunkConfig(width=384, depth=8, heads=6),
        inverse_dynamics=ReaderConfig(widths=(96, 192), hidden=384),
        trunk_optimiser=OptimiserConfig(batch_size=128, learning_rate=5e-4, warmup_steps=500, ema_decay=0.999),
    ),
    "base": ModelConfig(
        name="base",
        tokenizer=TokenizerConfig(encoder_widths=(96, 192, 320), decoder_widths=(320, 192, 96)),
        trunk=TrunkConfig(width=768, depth=12, heads=12),
        inverse_dynamics=ReaderConfig(widths=(128, 256), hidden=512),
        trunk_optimiser=OptimiserConfig(batch_size=256, learning_rate=3e-4, warmup_steps=1000, ema_decay=0.9995),
    ),
}
"""`tiny` learns within CPU hours; `small` and `base` want a GPU."""
