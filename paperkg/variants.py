"""Families: which name is a version or a size of which other one."""

from __future__ import annotations

import re

#: What may stand behind the name of a family, and make a variant of it: sizes, versions, tunings, memory.
#: A number glued to a single letter is a part number, and no version: "A100" is not a variant of "A".
_SUFFIX = re.compile(
    r"(?:[-\s]?(?:\d+x)?\d+(?:\.\d+)?\s?[BbMmTt]|(?:[-\s]|(?<=[A-Za-z]{2}))(?![234]D$)v?\d+(?:\.\d+)*[a-z]?|[-\s]\d+\s?GB?(?:[-\s](?:SXM\d?|PCIe))?"
    r"|[-\s](?:Instruct|Chat|Base|Large|Small|Mini|Tiny|Medium|Turbo|Pro|Max|Nano|Ultra|Coder|Math|VL|Vision|Next|Plus"
    r"|XL|XXL|Huge|Giant|Flash|Lite|it|Distill|MoE))$",
    re.IGNORECASE,
)

_COUNT = re.compile(r"^\d+\s?[x×]\s?(?=[A-Za-z])")


def family_names(name: str) -> list[str]:
    """Give the names of the families above a name, the nearest first.

    >>> family_names("LLaMA-3-70B-Instruct"), family_names("NVIDIA A100-80GB")
    (['LLaMA-3-70B', 'LLaMA-3', 'LLaMA'], ['NVIDIA A100'])
    >>> family_names("PyTorch3D")
    []
    """
    names = []
    while (shorter := _SUFFIX.sub("", name).rstrip(" -")) != name and re.search(r"[A-Za-z]{2}", shorter):
        names.append(shorter)
        name = shorter
    return names


def without_count(name: str) -> str:
    """Take a count off a name of hardware.

    >>> without_count("8xH200"), without_count("4 x A100")
    ('H200', 'A100')
    """
    return _COUNT.sub("", name)
