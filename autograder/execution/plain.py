"""Outputs and records as plain JSON values, whoever made them.

Outputs of student cells come from a process that no one trusts: what is not an nbformat 4 output of a known form is
dropped, and nothing is larger than the limits say. Knows nbformat's output types; does not judge what HTML is
safe to show (grading does).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

_MIME = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,80}")
MAX_TRACEBACK_LINES = 400


def plain_json(value: Any, depth: int = 0) -> Any:
    """`value` with nothing in it but None, bool, int, float, str, list and dict with text keys."""
    if value is None or type(value) in (bool, str):
        return _text(value) if type(value) is str else value
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if depth > 20:
        return "..."
    if isinstance(value, np.ndarray):
        return plain_json(value.tolist(), depth)
    if isinstance(value, dict):
        return {_text(str(key)): plain_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain_json(item, depth + 1) for item in value]
    if isinstance(value, str):
        return _text(str.__str__(value))
    return f"<{type(value).__name__}>"


def _text(value: str) -> str:
    """Text that UTF-8 can write."""
    return value.encode("utf-8", "replace").decode("utf-8")


def clean_outputs(outputs: Any, max_bytes: int, max_count: int) -> list[dict[str, Any]]:
    """Those of `outputs` that are nbformat 4 outputs, within bounds."""
    kept: list[dict[str, Any]] = []
    room = max_bytes + 10_000  # the notes on what was cut come on top
    for output in outputs if type(outputs) is list else []:
        cleaned = _clean(output)
        if cleaned is None:
            continue
        size = len(json.dumps(cleaned))
        if len(kept) > max_count or size > room:
            break
        room -= (
            size // 2 if cleaned["output_type"] == "stream" else size
        )  # escapes count in JSON, not in text
        kept.append(cleaned)
    return kept


def _clean(output: Any) -> dict[str, Any] | None:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return {"output_type": "stream", "name": name, "text": _text(text)}
        case {"output_type": "error", "ename": str(name), "evalue": str(message), "traceback": list(lines)}:
            lines = [_text(line) for line in lines if type(line) is str][:MAX_TRACEBACK_LINES]
            return {
                "output_type": "error",
                "ename": _text(name),
                "evalue": _text(message),
                "traceback": lines,
            }
        case {"output_type": "display_data", "data": dict(data), "metadata": dict(metadata)}:
            return {"output_type": "display_data", "data": _bundle(data), "metadata": _metadata(metadata)}
        case {"output_type": "execute_result", "data": dict(data), "metadata": dict(metadata)}:
            count = output.get("execution_count")
            return {
                "output_type": "execute_result",
                "data": _bundle(data),
                "metadata": _metadata(metadata),
                "execution_count": count if type(count) is int and 0 <= count < 10**6 else None,
            }
    return None


def _bundle(data: dict) -> dict[str, Any]:
    """A MIME bundle: text for every type, structured values only for JSON types."""
    kept: dict[str, Any] = {}
    for mime, content in data.items():
        if type(mime) is not str or not _MIME.fullmatch(mime):
            continue
        if type(content) is str:
            kept[mime] = _text(content)
        elif mime == "application/json" or mime.endswith("+json"):
            kept[mime] = _finite(plain_json(content))
    return kept


def _metadata(metadata: dict) -> dict[str, Any]:
    return _finite(plain_json(metadata))


def _finite(value: Any) -> Any:
    """JSON has no word for infinity; a notebook that contains it cannot be opened."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
