"""A small news site and its articles, for tests against the hosts of pipelines.

Every article is made of sentences that belong to it and of lines that a rule is certain of, at places that rotate.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ADVERTS = ("Advertisement", "Read more", "Subscribe to our newsletter")
PLACES = ("harbour", "library", "market", "railway", "hospital", "theatre", "quarry", "orchard", "lighthouse", "mill")
TOWNS = ("Elmstead", "Norwick", "Harrowgate", "Saltby", "Fenmore", "Ashcombe", "Tilbrook")
WORKS = ("roof", "bridge", "garden", "archive", "kitchen", "workshop", "cellar", "staircase", "boiler", "fence", "gate")


@dataclass(frozen=True)
class Story:
    number: int
    body: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def cleaned(self) -> str:
        return "\n".join(self.body)

    @property
    def path(self) -> str:
        return f"/news/{self.number}.html"

    @property
    def html(self) -> str:
        paragraphs = "\n".join(f"<p>{line}</p>" for line in self.lines)
        title = f"Story {self.number}"
        return (
            f"<!doctype html><html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a></nav>"
            f"<article><h1>{title}</h1>\n{paragraphs}\n</article><footer>The Elmstead Courier</footer></body></html>"
        )


def story(number: int) -> Story:
    town, place = TOWNS[number % 7], PLACES[number % 10]
    work, other = WORKS[number % 11], WORKS[(number * 3 + 5) % 11]
    body = (
        f"The {place} in {town} will close for {number + 3} days while builders repair the old {work}, "
        f"the council said on Monday.",
        f"Engineers found cracks in the {work} of the {place} during an inspection in March, and the repair "
        f"is expected to cost about {number + 20},000 pounds.",
        f"“We could not leave the {place} as it was, and the people of {town} knew it,” said the mayor, "
        f"who visited the site with {number + 2} volunteers.",
        f"The {other} of the {place} was not damaged, the engineers wrote in report {number}, and the council will "
        f"decide in April whether {town} can pay for both.",
    )
    lines = list(body)
    for turn, advert in enumerate(ADVERTS):
        lines.insert(1 + (number + turn * 2) % len(lines), advert)
    return Story(number, body, tuple(lines))


STORIES = [story(number) for number in range(200)]


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/index"):
            first, last = (int(part) for part in self.path.split("-")[1:3])
            page = "".join(f'<a class="story" href="{one.path}">{one.number}</a>' for one in STORIES[first:last])
        else:
            page = STORIES[int(Path(self.path).stem)].html
        body = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def news_site() -> Iterator[str]:
    """Serves the stories at `/index-FIRST-LAST` and their pages; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
