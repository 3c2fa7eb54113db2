# make demo    one instruction becomes motion, from nothing (no torch, no GPU, no ROS)
# make test    the fast tests                make test-all   the slow ones too
# make check   lint, format, types, imports  make format     mend what can be mended
# make bench   speed of simulation, planning make sync       the developer's environment only
# make test-ros the nodes, on ROS 2 from wheels (an environment of their own); test-ros-quick leaves out the slow ones
# make peers   other simulators, for benchmarks/sim_peers.py (an environment of their own)

SHELL := /bin/bash

# Python 3.11 or newer; an index that carries CPU builds of torch, where pip's own settings name none;
# `present` for SYSTEM_LIBRARIES on machines without apt-get.
PYTHON ?= $(shell scripts/find-python.sh 2>/dev/null)
TORCH_INDEX ?=
SYSTEM_LIBRARIES ?= install
INSTRUCTION ?= put the red cube in the bowl

DEMO := .venv
DEV := .venv-dev
PEERS := .venv-peers
ROS := .venv-ros
DEV_PATH := PATH="$(CURDIR)/$(DEV)/bin:$$PATH"
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
TORCH_FROM = $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
PYTHON_CODE := vplanner models sim ros_nodes tests benchmarks scripts setup.py

# Two processes on two cores: threads that spin while they wait slow each other down many times over.
PYTEST_WORKERS ?= 2
PYTEST_ARGS ?=
QUIET_THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
PYTEST := $(QUIET_THREADS) $(DEV)/bin/python -m pytest -n $(PYTEST_WORKERS)

.PHONY: demo test test-all test-ros test-ros-quick ros-environment check format bench sync peers clean system-libraries

demo: $(DEMO)/.installed
	$(DEMO)/bin/vplanner run "$(INSTRUCTION)"

test: $(DEV)/.installed
	$(PYTEST) $(PYTEST_ARGS)

test-all: $(DEV)/.installed
	$(PYTEST) -m "" $(PYTEST_ARGS)

# One after the other: nodes have deadlines, and two of them on each core would miss theirs.
test-ros: $(ROS)/.installed
	$(QUIET_THREADS) $(ROS)/bin/python -m pytest -m ros tests/vplanner_ros $(PYTEST_ARGS)

# Every kind of node and the whole path in processes of its own, without most ways in which a camera can fail.
test-ros-quick: $(ROS)/.installed
	$(QUIET_THREADS) $(ROS)/bin/python -m pytest -m "ros and not slow" tests/vplanner_ros $(PYTEST_ARGS)

ros-environment: $(ROS)/.installed

check: $(DEV)/.installed
	$(DEV)/bin/ruff check $(PYTHON_CODE)
	$(DEV)/bin/ruff format --check $(PYTHON_CODE)
	$(DEV)/bin/mypy
	$(DEV_PATH) lint-imports

format: $(DEV)/.installed
	$(DEV)/bin/ruff check --fix $(PYTHON_CODE)
	$(DEV)/bin/ruff format $(PYTHON_CODE)
	$(DEV)/bin/python scripts/repository_map.py

bench: $(DEV)/.installed
	mkdir -p runs
	$(QUIET_THREADS) $(DEV)/bin/vplanner bench sim --json runs/bench-sim.json
	OMP_WAIT_POLICY=PASSIVE $(DEV)/bin/vplanner bench plan --json runs/bench-plan.json

sync: $(DEV)/.installed

peers: $(PEERS)/.installed

clean:
	rm -rf $(DEMO) $(DEV) $(PEERS) $(ROS) build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
	  .import_linter_cache

system-libraries:
ifeq ($(SYSTEM_LIBRARIES),install)
	@scripts/system-libraries.sh "$(PYTHON)"
endif

# The stamps: an environment is made anew only when what it should contain has changed.
$(DEMO)/.installed: pyproject.toml setup.py | system-libraries
	@test -n "$(PYTHON)" || scripts/find-python.sh
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python $(PIP_INSTALL) --editable ".[sim]"
	@touch $@

$(DEV)/.installed: pyproject.toml setup.py | system-libraries
	@test -n "$(PYTHON)" || scripts/find-python.sh
	$(PYTHON) -m venv $(DEV)
	$(DEV)/bin/python $(PIP_INSTALL) $(TORCH_FROM) --editable ".[sim,data,train,serve,dev]"
	$(DEV)/bin/python $(PIP_INSTALL) --no-deps "openpi-client>=0.1.2"
	@touch $@

$(ROS)/.installed: pyproject.toml setup.py | system-libraries
	@test -n "$(PYTHON)" || scripts/find-python.sh
	$(PYTHON) -m venv $(ROS)
	$(ROS)/bin/python $(PIP_INSTALL) --editable ".[sim,ros,dev,dev-ros]"
	@touch $@

$(PEERS)/.installed: benchmarks/peers-requirements.txt | system-libraries
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(PIP_INSTALL) --requirement $<
	@touch $@
