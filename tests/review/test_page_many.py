"""The review page of a nation: 832 counties with 10 alternatives each, in a real browser."""

import pytest
from browser import Browser
from review_cases import recommended
from reviewing import Reviewer

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def many(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Reviewer:
    return Reviewer(chromium, tmp_path_factory.mktemp("many"), recommended(832, 200, 10))


def test_it_is_painted_within_a_second(many):
    """The best of some loads: other work on the machine is not the page's."""
    times = []
    for _ in range(6):
        many.browser.reload()
        many.browser.wait("performance.getEntriesByName('first-contentful-paint').length")
        times.append(many.browser.run("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        if min(times) < 1000:
            break
    assert min(times) < 1000
    assert many.browser.run("document.querySelectorAll('#list .row').length") == 832


def test_it_scrolls_smoothly(many):
    script = """new Promise((done) => { const box = document.getElementById('list');
        const times = []; let last = performance.now();
        const step = (now) => { times.push(now - last); last = now; box.scrollTop += 300;
          if (times.length < 60) requestAnimationFrame(step); else done(times.sort((a, b) => a - b)[30]); };
        box.scrollTop = 0; requestAnimationFrame(step); })"""
    assert min(many.browser.run(script) for _ in range(3)) < 34  # the middle frame: 30 frames a second and more
    assert many.browser.run("document.getElementById('list').scrollTop") > 15_000


@pytest.mark.parametrize(("what", "script", "most"), [
    ("search", "const s = document.getElementById('search'); s.value = '县'; s.dispatchEvent(new Event('input'))", 100),
    ("sort", "const s = document.getElementById('sort'); s.value = 'nearest'; s.dispatchEvent(new Event('change'))", 300),
    ("open", "document.querySelectorAll('#list .row')[400].click()", 200),
    ("decide", "document.querySelector('#card .panel input[value=forbid]').click()", 200),
])
def test_it_answers_at_once(many, what, script, most):
    if what == "decide":
        many.browser.run("document.querySelectorAll('#list .row')[300].click()")
    times = [many.browser.run(f"(() => {{ const begun = performance.now(); {script}; return performance.now() - begun; }})()")
             for _ in range(3)]
    assert min(times) < most, what
