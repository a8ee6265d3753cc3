"""Real pages in a real browser: Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright
from safety_net import LIMIT_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# It may not look for anything on the network beside our own page.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = (1280, 900)
PHONE = (390, 844)

needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on the PATH"
)


@dataclass
class Opened:
    """A page, and what went wrong in it."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def rows(self, section: str) -> dict[str, list[str]]:
        """Return the cells of a section's table by the first one of each row."""
        cells = self.page.locator(f"#{section} tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )
        return {first: rest for first, *rest in cells}

    def tile(self, name: str) -> str:
        """Return what a tile shows."""
        return self.page.locator(
            f"#tiles div:has(dt:text-is('{name}')) dd:first-of-type"
        ).inner_text()

    def is_too_wide(self) -> bool:
        """Return whether the page has to be scrolled sideways."""
        return bool(
            self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        )

    def violations(self) -> list[str]:
        """Return what keeps people from using the page, by axe-core."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found
            for node in one["nodes"]
        ]


@contextmanager
def opened(
    url: str,
    size: tuple[int, int] = DESKTOP,
    *,
    scheme: str = "light",
    is_offline: bool = False,
) -> Iterator[Opened]:
    """Open a page; errors of its scripts are noted."""
    expect.set_options(timeout=LIMIT_S * 1e3)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            offline=is_offline,
        )
        page = context.new_page()
        page.set_default_timeout(LIMIT_S * 1e3)
        found = Opened(page)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        page.on(
            "console",
            lambda told: (
                found.errors.append(told.text) if told.type == "error" else None
            ),
        )
        try:
            page.goto(url)
            yield found
        finally:
            browser.close()
