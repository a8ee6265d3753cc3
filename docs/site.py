"""
Build the documentation as static pages, and check every link in them.

    python docs/site.py           build them into build/site
    python docs/site.py FOLDER    build them there

Warnings are errors. Links to other sites are not followed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "mkdocs.yml"
PAGES = ROOT / "docs"
SITE = ROOT / "build" / "site"
LIMIT_S = 300
SECTIONS = {"How to": "how-to", "Reference": "reference", "Explanation": "explanation"}

Entry: TypeAlias = "str | dict[str, list[Entry]]"
_LISTED = re.compile(r"\]\(([\w-]+(?:/[\w-]+)?\.md)\)")


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the attributes that are links or anchors."""
        for name, value in attrs:
            if not value:
                continue
            if name in ("href", "src"):
                self.links.append(value)
            elif name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)


def broken_links(site: Path) -> list[str]:
    """Return the links between pages of a site that lead nowhere."""
    # That page is for servers, and its links begin at their root.
    files = [file for file in site.rglob("*.html") if file.name != "404.html"]
    pages = {file.resolve(): Page(file) for file in sorted(files)}
    broken = []
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                (file.parent / unquote(parts.path)).resolve() if parts.path else file
            )
            if target.is_dir():
                target /= "index.html"
            anchor = unquote(parts.fragment)
            is_missing = (
                anchor and target in pages and anchor not in pages[target].anchors
            )
            if not target.exists() or is_missing:
                broken.append(f"{file.relative_to(site.resolve())}: {link}")
    return sorted(set(broken))


def navigation(pages: Path) -> list[Entry]:
    """Return the pages in the order in which the README.md of each folder lists them."""
    sections: list[Entry] = [
        {title: _section(pages, folder)} for title, folder in SECTIONS.items()
    ]
    return ["index.md", *_section(pages, "tutorial"), *sections]


def _section(pages: Path, folder: str) -> list[Entry]:
    listing = pages / folder / "README.md"
    found = sorted(file.name for file in (pages / folder).glob("*.md"))
    if not listing.exists():
        return [f"{folder}/{name}" for name in found]
    text = listing.read_text("utf-8")
    entries: list[Entry] = [f"{folder}/README.md"]
    below: dict[str, list[Entry]] = {}
    for link in dict.fromkeys(_LISTED.findall(text)):
        inner, _, _ = link.rpartition("/")
        if inner and inner not in below:
            below[inner] = _section(pages, f"{folder}/{inner}")
            entries.append({inner.capitalize(): below[inner]})
        elif not inner:
            entries.append(f"{folder}/{link}")
    return entries


def pages_left_out(pages: Path) -> list[str]:
    """Return the pages that no list names."""
    named = set(_names(navigation(pages)))
    found = {file.relative_to(pages).as_posix() for file in pages.rglob("*.md")}
    return sorted(found - named)


def _names(entries: list[Entry]) -> list[str]:
    names = []
    for entry in entries:
        if isinstance(entry, str):
            names.append(entry)
        else:
            names += [name for below in entry.values() for name in _names(below)]
    return names


def build(site: Path) -> list[str]:
    """Build the pages into a folder, and return what is wrong with them."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "docs")
        shutil.copytree(PAGES, pages, ignore=shutil.ignore_patterns("*.py", "__*"))
        settings = yaml.safe_load(CONFIG.read_text("utf-8"))
        settings |= {"site_dir": "site", "nav": navigation(pages)}
        config = Path(folder, CONFIG.name)
        config.write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")
        command = [sys.executable, "-m", "zensical", "build", "--strict"]
        done = subprocess.run(
            [*command, "--config-file", str(config)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        if done.returncode != 0:
            return [done.stdout + done.stderr]
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(Path(folder, "site"), site)
    return [
        *(f"{link} leads nowhere" for link in broken_links(site)),
        *(f"docs/{page}: no README.md lists it" for page in pages_left_out(PAGES)),
    ]


def main() -> int:
    """Build and check; return 1 if anything is wrong."""
    site = Path(sys.argv[1]) if sys.argv[1:] else SITE
    wrong = build(site)
    print("\n".join(wrong) or f"built {site / 'index.html'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
