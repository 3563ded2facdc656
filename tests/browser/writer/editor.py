"""A person at uMap's own page: edits by mouse and keyboard, saves, and answers its dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import BrowserContext, Locator, Page, Request, Response
from playwright.sync_api import TimeoutError as TooLate

Point = tuple[float, float]
Choice = Literal["yours", "theirs"]

WHERE = """key => {
  let found = null
  U.MAP.eachFeature(feature => {
    if (feature.properties.id !== key) return
    const box = feature.ui._icon.getBoundingClientRect()
    found = [box.x + box.width / 2, box.y + box.height / 2]
  })
  return found
}"""
"""The place of a feature's marker on the screen. All else a person does by mouse and keyboard."""

KEYS = """() => {
  const found = []
  U.MAP.eachFeature(feature => { if (feature.properties.id) found.push(feature.properties.id) })
  return found.sort()
}"""

COORDINATES = """key => {
  let found = null
  U.MAP.eachFeature(feature => {
    if (feature.properties.id === key) found = feature.toGeoJSON().geometry.coordinates
  })
  return found
}"""

TAKEN = """([cell, value]) => {
  let found = false
  U.MAP.eachFeature(feature => { found = found || feature.properties[cell] === value })
  return found && U.MAP.isDirty
}"""
"""Whether the page has taken what was typed: it waits for a pause in the typing."""

STATE = """key => {
  let found = null
  U.MAP.eachFeature(feature => { if (feature.properties.id === key) found = feature.properties.state })
  return found
}"""

EDITED = "key => U.MAP.editedFeature?.properties.id === key"
"""Whether it is this feature's form that is open, and not that of another whose marker lies above its own."""

GONE = f"key => !({WHERE})(key)"

MARK = "() => U.MAP.eachFeature(feature => { feature.loadedBefore = true })"
LOADED_ANEW = """() => {
  let count = 0, before = 0
  U.MAP.eachFeature(feature => { count += 1; before += feature.loadedBefore ? 1 : 0 })
  return count > 0 && before === 0
}"""
"""Whether all features are others than those that were marked."""

FILL = """(field, value) => {
  field.value = value
  field.dispatchEvent(new Event("input", { bubbles: true }))
}"""
"""Types into this very field: keys go to whatever has the focus, and a form that is drawn anew moves it."""

BUTTONS = {
    "yours": "Keep your changes and loose theirs",
    "theirs": "Keep their changes and loose yours",
}


@dataclass(frozen=True)
class Saved:
    """What uMap said to a save: `refused` is the conflict that uMap shows a choice for."""

    status: int
    merged: bool

    @property
    def confirmed(self) -> bool:
        return self.status == 200

    @property
    def refused(self) -> bool:
        return self.status == 412

    def __str__(self) -> str:
        return "merged" if self.merged else {200: "stored", 412: "refused"}.get(self.status, str(self.status))


class Editor:
    """A tab with the map open for editing."""

    def __init__(self, context: BrowserContext, link: str) -> None:
        self._context = context
        self._link = link
        self.page = self._opened()

    def reload(self) -> None:
        """Close the tab, and open the map in another: what was not saved is gone."""
        self.page.close()
        self.page = self._opened()

    def _opened(self) -> Page:
        page = self._context.new_page()
        page.goto(self._link)
        _into_editing(page)
        return page

    def edit(self, key: str, **cells: str) -> None:
        """Open a feature's form, and fill in some of its fields."""
        self._open(key)
        for name, value in cells.items():
            self._type(name, value)
        self._close()

    def drag(self, key: str, right: int, down: int) -> list[float]:
        """Drag a feature's marker by some pixels. Return its coordinates as the page has them then."""
        x, y = self._place(key)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + right, y + down, steps=5)
        self.page.mouse.up()
        coordinates: list[float] = self.page.evaluate(COORDINATES, key)
        return coordinates

    def draw(self, name: str, at: Point) -> None:
        """Draw a new marker at a place of the screen."""
        self.page.click("[data-ref=marker] button")
        self.page.mouse.click(*at)
        self._type("name", name)
        self._close()

    def delete(self, key: str) -> None:
        """Delete a feature by the button at the end of its form; again if that was drawn anew."""
        for patience in (3_000, 3_000, 30_000):
            self._open(key)
            self._unfolded("Advanced actions").get_by_role("button", name="Delete").click()
            with suppress(TooLate):
                self.page.wait_for_function(GONE, arg=key, timeout=patience)
                return
        raise AssertionError(f"the page does not delete {key!r}")

    def restyle(self) -> None:
        """Change the layer's icon to another one: nothing of its features."""
        for patience in (3_000, 3_000, 30_000):
            self.page.click("[data-ref=layers] button")
            self.page.click(".panel.right [data-ref=edit]")
            with suppress(TooLate):
                part = self.page.locator(".panel.right details", has_text="Shape properties").last
                part.wait_for(state="attached", timeout=patience)
                break
        shape = self._unfolded("Shape properties")
        other = shape.locator("input[name=iconClass]:not(:checked) + label")
        if not other.first.is_visible():
            shape.locator("button.define:visible").nth(1).click()
        other.first.click()
        self._close()

    @property
    def keys(self) -> list[str]:
        """The ids of the file's features that the page shows."""
        found: list[str] = self.page.evaluate(KEYS)
        return found

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return bool(self.page.evaluate("() => U.MAP.isDirty"))

    def save(self) -> Saved:
        """Save, and wait until the page has taken uMap's answer.

        (After a merge it loads the layer anew, and then says that there is something to save.)
        """
        self.page.evaluate(MARK)
        with self._answered() as answers:
            self.page.click("button.edit-save")
        saved = _told(answers[0])
        if saved.merged:
            self.page.wait_for_function(LOADED_ANEW)
        elif saved.confirmed:
            self._settled()
        return saved

    def choose(self, choice: Choice) -> Saved | None:
        """Answer the dialog of a conflict. "yours" saves again; "theirs" loads the page anew: None."""
        button = self.page.get_by_role("button", name=BUTTONS[choice])
        if choice == "theirs":
            self.page.evaluate("() => { window.onbeforeunload = null }")  # "leave without saving?" "Yes."
            with self.page.expect_navigation():
                button.click()
            _into_editing(self.page)
            return None
        with self._answered() as answers:
            button.click()
        self._settled()
        return _told(answers[0])

    def see_theirs(self) -> Page:
        """Follow the dialog's link to the map as it is now, in a tab of its own."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("link", name="See their edits in another tab").click()
        return opened.value

    @contextmanager
    def _answered(self) -> Iterator[list[Response]]:
        answers: list[Response] = []
        with self.page.expect_response(_is_save) as expected:
            yield answers
        answers.append(expected.value)

    def _settled(self) -> None:
        self.page.wait_for_function("() => !U.MAP.isDirty")

    def _open(self, key: str) -> None:
        """Open a feature's form; click once more if the page has drawn its marker anew meanwhile.

        Not too soon: a form that comes late and then comes again takes what is typed for another field.
        """
        for patience in (15_000, 15_000, 30_000):
            x, y = self._place(key)
            self.page.keyboard.down("Shift")
            self.page.mouse.click(x, y)
            self.page.keyboard.up("Shift")
            with suppress(TooLate):
                self.page.locator(".panel.right.on [name=name]").first.wait_for(timeout=patience)
                self.page.wait_for_function(EDITED, arg=key, timeout=patience)
                return
        raise AssertionError(f"the page does not open {key!r}")

    def _type(self, name: str, value: str) -> None:
        """Fill in a field; once more if the page has drawn its form anew meanwhile."""
        for patience in (3_000, 3_000, 30_000):
            field = self.page.locator(f".panel.right.on [name={name}]").first
            field.evaluate(FILL, value)
            field.press("Tab")
            with suppress(TooLate):
                self.page.wait_for_function(TAKEN, arg=[name, value], timeout=patience)
                return
        raise AssertionError(f"the page does not take {value!r}")

    def _close(self) -> None:
        self.page.click(".panel.right .icon-close")
        self.page.wait_for_function("() => !document.querySelector('.panel.right.on')")

    def _unfolded(self, title: str) -> Locator:
        """A part of the form; a click would fold it, if it was unfolded before."""
        part = self.page.locator(".panel.right details", has_text=title).last
        part.evaluate("details => { details.open = true }")
        return part

    def _place(self, key: str) -> Point:
        place: list[float] = self.page.wait_for_function(WHERE, arg=key).json_value()
        return place[0], place[1]


def _into_editing(page: Page) -> None:
    page.locator(".leaflet-marker-icon").first.wait_for()
    page.wait_for_function("() => U.MAP.dataloaded")
    page.click(".edit-enable button")
    page.locator("button.edit-save").wait_for()


def _is_save(response: Response) -> bool:
    request: Request = response.request
    return "/datalayer/update/" in response.url and request.method == "POST"


def _told(response: Response) -> Saved:
    body: Any = response.json() if response.status == 200 else {}
    return Saved(response.status, "geojson" in body)
