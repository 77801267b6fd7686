"""How tests are shared out among processes, and what all of them share: how much random tests draw, pictures drawn once."""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Random tests draw four times as much where thorough tests are asked for too: they multiply by ``OPTIMIZER_MORE``."""
    os.environ.setdefault("OPTIMIZER_MORE", "1" if config.option.markexpr == "not thorough" else "4")


def pytest_collection_finish() -> None:
    """What thousands of tests consist of is there to the end, and is not looked through again whenever memory is tidied."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The tests of a file stay in one process: plans and programs that they share are made once."""
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log) if config.getvalue("dist") == "load" else None


class _Once:
    """The figures of the package, those of equal plans drawn once: half of the seconds of a small plan go into them."""

    def __init__(self, figures: Any) -> None:
        self._figures = figures
        self._drawn: dict[tuple[str, bytes], Any] = {}
        self._texts: dict[tuple[int, str], str] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in self._figures.OF_A_PLAN:
            return getattr(self._figures, name)

        def figure(plan: Any, *, lang: str) -> Any:
            instance, claims = plan.instance, replace(plan.claims, seconds={}, started="")
            words = repr((name, lang, claims, instance.raw_settings, instance.changes))
            key = words, pickle.dumps((plan.tables, dict(instance.tables)))
            if key not in self._drawn:
                self._drawn[key] = getattr(self._figures, name)(plan, lang=lang)
            return self._drawn[key]

        return figure

    def svg(self, figure: Any) -> str:
        key = id(figure), str(figure.get_label())
        if not any(figure is one for one in self._drawn.values()):
            return str(self._figures.svg(figure))
        if key not in self._texts:
            self._texts[key] = self._figures.svg(figure)
        return self._texts[key]


@pytest.fixture(scope="session")
def _once() -> _Once:
    from optimizer.report import figures

    return _Once(figures)


@pytest.fixture(autouse=True, scope="module")
def _pictures_once(request: pytest.FixtureRequest, _once: _Once) -> Iterator[None]:
    """Reports hold pictures that are drawn once for plans that are equal; the tests of pictures and pages draw each anew."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.stem not in ("test_figures", "test_report"):
            patch.setattr("optimizer.report.sections.pictures.figures", _once)
        yield
