"""Video model, inverse dynamics and critic of a bundle, run with onnxruntime.

Batch axis `B` is `S` samples for the video model, `S*T` pairs of frames for inverse
dynamics, `N` futures for the critic.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import Bundle, Manifest
from vplanner.errors import BundleError, InputError
from vplanner.observation import check_observation, frame_of
from vplanner.resizing import as_video, resize
from vplanner.transforms import matrix_from_quat, project
from vplanner.types import ActionChunk, Float, GroundedObject, Image, Observation, SubGoal, VideoPlan

# What each network is fed, in this order, and with how many axes: see `OnnxNetwork`.
_PROMPT = {"skill": 2, "points_uv": 4, "points_xyz": 3, "proprio": 2}
ENCODER_FEEDS = {"images": 4}
DECODER_FEEDS = {"latents": 4}
VIDEO_FEEDS = {
    "now": 5, **_PROMPT, "projections": 4, "prompt_on": 2, "actions": 3, "actions_on": 2, "noisy": 6, "sigma": 2,
}  # fmt: skip
INVERSE_DYNAMICS_FEEDS = {"before": 5, "after": 5}
CRITIC_FEEDS = {"now": 5, "future": 5, **_PROMPT}
JUDGE_FEEDS = {"images": 5, **_PROMPT}
POLICY_FEEDS = {"now": 5, **_PROMPT}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A sub-goal as networks read it.

    Skill (1, K), points uv (1, 2, V, 2) and xyz (1, 2, 3), proprio (1, 10), and projections (1, V, 3, 4) from the base
    frame to the unit-size picture of each view.
    """

    skill: Float
    points_uv: Float
    points_xyz: Float
    proprio: Float
    projections: Float


def projections(observation: Observation, manifest: Manifest) -> Float:
    """Projection matrices (1, V, 3, 4) of the views, base frame [m] to homogeneous unit-size image coordinates."""
    cameras = [frame_of(observation, view).camera for view in manifest.views]
    matrices = [c.intrinsics @ np.linalg.inv(c.T_base_cam.astype(np.float64))[:3] for c in cameras]
    return np.stack(matrices)[None].astype(np.float32)


def proprioception(observation: Observation) -> Float:
    """TCP position [m], first two columns of its rotation matrix, gripper opening: (10,)."""
    robot = observation.robot
    R = matrix_from_quat(robot.quat_wxyz)
    return np.concatenate([robot.position, R[:, 0], R[:, 1], [robot.gripper_opening]]).astype(np.float32)


def encode_prompt(observation: Observation, sub_goal: SubGoal, manifest: Manifest) -> Prompt:
    """The arrays that condition every network. Raises `BundleError` when the bundle does not know the skill."""
    if sub_goal.skill not in manifest.skills:
        known = ", ".join(manifest.skills)
        raise BundleError(f"bundle '{manifest.name}' does not know the skill '{sub_goal.skill}'; it knows: {known}")
    skill = np.zeros((1, len(manifest.skills)), dtype=np.float32)
    skill[0, manifest.skills.index(sub_goal.skill)] = 1.0
    roles = (sub_goal.source, sub_goal.target)
    uv = np.stack([[_pixel(observation, view, role) for view in manifest.views] for role in roles])
    xyz = np.stack([role.position for role in roles])
    if not (np.isfinite(uv).all() and np.isfinite(xyz).all()):
        raise InputError(f"sub-goal '{sub_goal.text}' has points that are not finite")
    return Prompt(
        skill=skill,
        points_uv=uv[None].astype(np.float32),
        points_xyz=xyz[None].astype(np.float32),
        proprio=proprioception(observation)[None],
        projections=projections(observation, manifest),
    )


def _pixel(observation: Observation, view: str, role: GroundedObject) -> Float:
    for point in role.points:
        if point.camera == view:
            return np.array([point.u, point.v], dtype=np.float32)
    uv, _ = project(frame_of(observation, view).camera, role.position)  # this camera did not find it: use the others
    return np.clip(uv, 0.0, 1.0).astype(np.float32)


def empty_prompt(observation: Observation, manifest: Manifest) -> Prompt:
    """Conditions of a network whose prompt is switched off."""
    return Prompt(
        skill=np.zeros((1, len(manifest.skills)), dtype=np.float32),
        points_uv=np.zeros((1, 2, len(manifest.views), 2), dtype=np.float32),
        points_xyz=np.zeros((1, 2, 3), dtype=np.float32),
        proprio=proprioception(observation)[None],
        projections=projections(observation, manifest),
    )


def _repeat(array: Float, count: int) -> Float:
    return np.ascontiguousarray(np.broadcast_to(array, (count, *array.shape[1:])))


class OnnxVideoModel:
    """Tokenizer and video model of a bundle."""

    def __init__(self, bundle: Bundle, config: BackendConfig, temperatures: tuple[float, ...] | None = None) -> None:
        """Open the networks; `temperatures` scale the noise of samples 1, 2, ... in turn, instead of the bundle's."""
        self._manifest = bundle.manifest
        self._encoder = OnnxNetwork(bundle, "tokenizer_encoder", ENCODER_FEEDS, config)
        self._decoder = OnnxNetwork(bundle, "tokenizer_decoder", DECODER_FEEDS, config)
        self._video = OnnxNetwork(bundle, "video_model", VIDEO_FEEDS, config)
        self._temperatures = temperatures or bundle.manifest.temperatures
        scale = np.asarray(bundle.manifest.normalisation.residual_scale, dtype=np.float32)
        self._residual_scale = scale.reshape(-1, 1, 1, 1, 1)  # one number, or one for each of T steps

    def encode(self, observation: Observation) -> Float:
        """Latents (V, C, h, w). Raises `ObservationError` when the observation is malformed."""
        size = self._manifest.image_size
        check_observation(observation, self._manifest.views, size)
        images = [shrink(frame_of(observation, view).image, size) for view in self._manifest.views]
        batch = np.stack(images).astype(np.float32).transpose(0, 3, 1, 2) / np.float32(255.0)
        (latents,) = self._encoder.run(np.ascontiguousarray(batch))
        return latents

    @property
    def sampling_steps(self) -> int:
        """Euler steps of a sample."""
        return len(self._manifest.sigmas) - 1

    def propose(
        self,
        present: Float,
        observation: Observation,
        sub_goal: SubGoal,
        samples: int,
        generator: np.random.Generator,
        steps: int | None = None,
    ) -> list[VideoPlan]:
        """The mean future first, from one evaluation without noise, then futures sampled in a few Euler steps.

        With fewer `steps` than the bundle's, the last of them goes all the way.
        """
        sigmas = self._manifest.sigmas if steps is None else (*self._manifest.sigmas[:-1][:steps], 0.0)
        prompt = encode_prompt(observation, sub_goal, self._manifest)
        noise = generator.standard_normal((samples, self._manifest.horizon, *present.shape), dtype=np.float32)
        scales = [self._temperatures[i % len(self._temperatures)] for i in range(samples - 1)]
        noisy = noise * np.reshape([0.0, *scales], (-1, 1, 1, 1, 1, 1)).astype(np.float32)
        clean = self._denoise(present, prompt, None, noisy, 1.0)
        mean, x = clean[:1], noisy[1:]
        if samples > 1:
            clean = clean[1:]
            for now, after in pairwise(sigmas):
                if now != 1.0:
                    clean = self._denoise(present, prompt, None, x, now)
                x = x + np.float32((after - now) / now) * (x - clean)
        return self._plans(present, np.concatenate([mean, x]))

    def rollout(self, present: Float, observation: Observation, chunks: list[ActionChunk]) -> list[VideoPlan]:
        """What the cameras would see if each chunk were executed, from one evaluation without noise."""
        actions = np.stack([chunk.steps for chunk in chunks]).astype(np.float32)
        noisy = np.zeros((1, self._manifest.horizon, *present.shape), dtype=np.float32)
        prompt = empty_prompt(observation, self._manifest)
        return self._plans(present, self._denoise(present, prompt, actions, noisy, 1.0))

    def decode(self, latents: Float) -> Image:
        """Pictures uint8 (N, V, H, W, 3) of latents (N, V, C, h, w)."""
        rows = np.ascontiguousarray(latents.reshape(-1, *latents.shape[2:]))
        (images,) = self._decoder.run(rows)
        pixels = np.rint(np.clip(images, 0.0, 1.0) * 255.0).astype(np.uint8).transpose(0, 2, 3, 1)
        return pixels.reshape(*latents.shape[:2], *pixels.shape[1:])

    def _denoise(self, present: Float, prompt: Prompt, actions: Float | None, noisy: Float, sigma: float) -> Float:
        """Estimate of the clean residual (S, T, V, C, h, w) of S noisy ones.

        With `actions` (S, T, 7) the prompt is switched off, and one row of `noisy` serves all.
        """
        one = (1, 1)
        inputs: tuple[Float, ...] = (
            present[None],
            prompt.skill,
            prompt.points_uv,
            prompt.points_xyz,
            prompt.proprio,
            prompt.projections,
            np.full(one, float(actions is None), dtype=np.float32),
            np.zeros((1, self._manifest.horizon, 7), dtype=np.float32) if actions is None else actions,
            np.full(one, float(actions is not None), dtype=np.float32),
            noisy,
            np.full(one, sigma, dtype=np.float32),
        )
        if not self._video.shares:  # a network that computes each row from inputs of its own
            count = len(noisy) if actions is None else len(actions)
            inputs = tuple(_repeat(array, count) for array in inputs)
        (clean,) = self._video.run(*inputs)
        return clean

    def _plans(self, present: Float, clean: Float) -> list[VideoPlan]:
        futures = present + self._residual_scale * clean
        return [VideoPlan(latents, self._manifest.dt_s) for latents in futures]


def shrink(image: Image, size: int) -> Image:
    """The picture at `size` x `size`, as a video file would give it back: colour at half resolution (4:2:0).

    Each new pixel is the mean of the old ones that it covers. The networks learn from recorded video, and pictures
    with full colour resolution are 9 dB further from it than these.
    """
    return as_video(resize(image, size))


class OnnxInverseDynamics:
    """Inverse dynamics of a bundle."""

    def __init__(self, bundle: Bundle, config: BackendConfig) -> None:
        """Open the network."""
        self._network = OnnxNetwork(bundle, "inverse_dynamics", INVERSE_DYNAMICS_FEEDS, config)

    def extract(self, present: Float, plans: list[VideoPlan]) -> list[ActionChunk]:
        """One chunk per plan, all frame pairs in one batch."""
        futures = np.stack([plan.latents for plan in plans])  # (S, T, V, C, h, w)
        first = np.broadcast_to(present, (len(plans), 1, *present.shape))
        before = np.concatenate([first, futures[:, :-1]], axis=1)
        (steps,) = self._network.run(before.reshape(-1, *present.shape), futures.reshape(-1, *present.shape))
        # The network gives how likely the gripper opens; half a likelihood is no half-open gripper.
        steps[:, 6] = steps[:, 6] > 0.5
        chunks = steps.reshape(*futures.shape[:2], 7)
        return [ActionChunk(chunk, plan.dt_s) for chunk, plan in zip(chunks, plans, strict=True)]


class OnnxCritic:
    """Progress and success head of a bundle."""

    def __init__(self, bundle: Bundle, config: BackendConfig) -> None:
        """Open the network."""
        self._manifest = bundle.manifest
        self._network = OnnxNetwork(bundle, "critic", CRITIC_FEEDS, config)

    def progress(self, present: Float, observation: Observation, sub_goal: SubGoal, futures: Float) -> Float:
        """Progress and success probability (N, 2) of `futures` (N, V, C, h, w)."""
        prompt = encode_prompt(observation, sub_goal, self._manifest)
        count = len(futures)
        (rating,) = self._network.run(
            _repeat(present[None], count),
            np.ascontiguousarray(futures),
            _repeat(prompt.skill, count),
            _repeat(prompt.points_uv, count),
            _repeat(prompt.points_xyz, count),
            _repeat(prompt.proprio, count),
        )
        return np.clip(rating, 0.0, 1.0)
