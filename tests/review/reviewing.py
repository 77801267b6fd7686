"""What a reviewer does on the page, done through the elements that a person uses."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
from browser import Browser

from optimizer.instance.decisions import read_decisions
from optimizer.review.page import review_page
from optimizer.review.recommendations import Recommendations

PAGES: dict[Recommendations, str] = {}  # made once for each


class Reviewer:
    """A page opened in a browser, with nothing kept from before."""

    def __init__(self, browser: Browser, folder: Path, made: Recommendations, **options: Any) -> None:
        self.browser, self.made, self.folder = browser, made, folder
        self.file = folder / "review.html"
        if made not in PAGES or options:
            PAGES[made] = review_page(made, **options)
        self.file.write_text(PAGES[made], encoding="utf-8")
        browser.size(1440, 900)
        browser.open("about:blank")
        browser.complaints.clear()
        browser.requests.clear()
        browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        browser.send("Storage.clearDataForOrigin", origin="file://", storageTypes="local_storage")
        browser.open(self.file)

    def text(self, selector: str) -> str:
        """The text of an element, without the marks that keep the direction of names."""
        [first, *_] = self.texts(selector) or ["(nothing)"]
        return first

    def texts(self, selector: str) -> list[str]:
        found = self.browser.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((node) => node.textContent)")
        return [str(text).translate({0x2068: None, 0x2069: None}) for text in found]

    def click(self, selector: str) -> None:
        assert self.browser.run(f"document.querySelector({json.dumps(selector)})?.click() ?? 1") == 1

    def county(self, at: int) -> None:
        """Open a county by its place in the table."""
        self.browser.run(f"document.getElementById('county-{at}').click()")

    def decide(self, decision: str, alternative: int | None = None) -> None:
        """Decide on the recommended pair of the open county, or on one of its alternatives (0 = the first)."""
        place = ".panel" if alternative is None else f".alternative:nth-of-type({alternative + 1})"
        self.click(f"#card {place} input[value={decision}]")

    def comment(self, text: str, alternative: int | None = None) -> None:
        place = ".panel" if alternative is None else f".alternative:nth-of-type({alternative + 1})"
        self.write(f"#card {place} textarea", text)

    def write(self, selector: str, text: str) -> None:
        """Type into a field, in place of what is there."""
        self.browser.run(f"{{ const node = document.querySelector({json.dumps(selector)}); node.focus(); node.select(); }}")
        self.browser.type(text)
        self.browser.run("document.activeElement.blur()")

    def choose(self, selector: str, value: str) -> None:
        self.browser.run(f"{{ const node = document.querySelector({json.dumps(selector)}); node.value = {json.dumps(value)};"
                         "node.dispatchEvent(new Event('change', { bubbles: true })); }")

    def export(self) -> Path:
        """Press Export; the file as it was downloaded."""
        file = self.folder / "decisions.csv"
        file.unlink(missing_ok=True)
        self.click("#export")
        until = time.monotonic() + 20
        while not file.is_file() or not file.stat().st_size:
            assert time.monotonic() < until, "nothing was downloaded"
            time.sleep(0.05)
        return file

    def exported(self) -> pd.DataFrame:
        """What the program reads from the file that the page exports."""
        return read_decisions(self.export())[1]

    def import_file(self, file: Path) -> None:
        """Choose a file for import, as the dialog does."""
        node = self.browser.send("Runtime.evaluate", expression="document.getElementById('file')")["result"]["objectId"]
        self.browser.send("DOM.setFileInputFiles", files=[str(file)], objectId=node)
        time.sleep(0.2)
