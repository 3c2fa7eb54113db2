"""Measure the install without extras: size on disk, what is imported, and memory while planning.

    python scripts/minimal_install.py [BUNDLE]

Makes a new virtual environment with the Python that runs this, installs the checkout into it, plans there, and prints
one JSON object. Exits with 1 when the install is larger than promised or brings what it should not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

# numpy with its linear algebra (73 MB) and onnxruntime (68) are most of it.
_MOST_INSTALLED_MB, _MOST_RESIDENT_MB = 300.0, 400.0
_UNWANTED = ("torch", "mujoco", "rclpy", "onnx", "transformers", "cv2", "av")
_PLAN = """
import json, resource, sys
from pathlib import Path
from vplanner.agent import AgentConfig
from vplanner.backends import BackendConfig
from vplanner.benchmarks import bench_replan
from vplanner.bundle import load_bundle
report = bench_replan(load_bundle(Path(sys.argv[1])), AgentConfig(backend=BackendConfig(threads=2)), repeats=3)
unwanted = [name for name in sys.argv[2:] if name in sys.modules]
print(json.dumps({"resident_mb": report.peak_mb, "unwanted": unwanted}))
"""


def measure(bundle: Path) -> dict[str, object]:
    """Install, plan, and return `python`, `installed_mb`, `resident_mb` and `unwanted` modules."""
    checkout = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        venv.create(environment, with_pip=True)
        python = environment / "bin" / "python"
        packages = next((environment / "lib").glob("python*")) / "site-packages"
        before = _megabytes(packages)
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(checkout)], check=True)
        installed = _megabytes(packages) - before
        done = subprocess.run(
            [python, "-c", _PLAN, str(bundle), *_UNWANTED], cwd=folder, check=True, capture_output=True, text=True
        )
    version = ".".join(str(part) for part in sys.version_info[:3])
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return {"python": version, "installed_mb": round(installed, 1), **found}


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> int:
    """Print what was measured; 1 when a promise is broken."""
    bundle = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("models/bundles/panda-tabletop")
    found = measure(bundle.resolve())
    print(json.dumps(found))
    installed, resident = (float(str(found[key])) for key in ("installed_mb", "resident_mb"))
    kept = installed <= _MOST_INSTALLED_MB and resident <= _MOST_RESIDENT_MB and not found["unwanted"]
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
