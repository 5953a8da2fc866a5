"""A real browser for tests: headless Chromium through its driver, skipped with a word where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PHONE = (390, 844)
DESK = (1200, 900)


@contextmanager
def chromium(size: tuple[int, int] = DESK, theme: str = "light") -> Iterator[Any]:
    """A browser window of a size in pixels that prefers a theme."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    helper = shutil.which("chromedriver")
    if not program or not helper:
        pytest.skip("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(helper))
    try:
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        yield driver
    finally:
        driver.quit()


def wait(driver: Any, script: str) -> None:
    """Wait until a script's value is true."""
    ui = pytest.importorskip("selenium.webdriver.support.ui")
    ui.WebDriverWait(driver, 15).until(lambda browser: browser.execute_script(f"return {script}"))


def complaints(driver: Any) -> list[str]:
    """What the browser's console has said since the last time."""
    return [entry["message"] for entry in driver.get_log("browser")]


# The contrast of every visible piece of text against what is painted behind it, as WCAG 2 defines it.
_CONTRASTS = """
const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1;
const context = canvas.getContext("2d", {willReadFrequently: true});
function channels(colour) {
  context.clearRect(0, 0, 1, 1); context.fillStyle = colour; context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
}
function behind(element) {
  const layers = [];
  for (let at = element; at; at = at.parentElement) {
    const colour = channels(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) layers.push(colour);
    if (colour[3] === 1) break;
  }
  let base = [255, 255, 255];
  for (const [r, g, b, a] of layers.reverse()) base = [r, g, b].map((c, i) => c * a + base[i] * (1 - a));
  return base;
}
function light(rgb) {
  const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const found = new Map();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
  if (element.closest("script, style, .skip, option")) continue;
  const ink = light(channels(getComputedStyle(element).color).slice(0, 3));
  const [one, two] = [ink, light(behind(element))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (two + 0.05);
  if (ratio < 4.5) found.set(element.className + ": " + walker.currentNode.data.trim().slice(0, 30), ratio);
}
return [...found];
"""


def too_faint(driver: Any) -> list[Any]:
    """Visible text whose contrast is below 4.5 to 1."""
    return list(driver.execute_script(_CONTRASTS))
