"""Filling the forms of the board in: who does, with what they need besides, and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Page, expect

from civicboard.kit import web
from civicboard.kit.work import Desk
from civicboard.people.actions import keep_newcomer
from civicboard.people.queries import Proof
from tests.journeys.fields import Form
from tests.journeys.neighbours import Neighbour
from tests.journeys.payloads import is_text

#: A newcomer's browser.
BROWSER = "a-browser-token-of-a-newcomer-that-is-long-enough"
#: Gives controls what nobody could choose there, as somebody does who opens the browser's tools.
SET = """(form, values) => {
  for (const [name, value] of Object.entries(values)) {
    const control = form.querySelector(`[name="${name}"]`);
    if (control.matches("select")) control.append(new Option(value, value));
    if (control.type === "date") control.type = "text";
    control.value = value;
    control.checked = true;
  }
}"""
#: What stands in these fields.
VALUES = '(form, names) => names.map((name) => form.querySelector(`[name="${name}"]`).value)'


@dataclass
class Town:
    """Who is there, and where: Ada's problem and a need of it, a post and offers of Bo's: two wait, one is welcomed.

    ``note`` is what Ada wrote to the members of it, ``network`` another problem, whose people stay together.
    """

    crew: dict[str, Neighbour]
    desk: Desk
    problem: int
    post: int
    offers: tuple[int, int]
    #: What Bo asks of Ada's council, and what Cy is there.
    request: int
    affiliation: int
    need: int
    welcomed: int
    note: int
    network: int
    #: What Ada asks Bo for that need.
    ask: int
    #: The id of Ada, whose problem it is.
    ada: int

    def who(self, form: Form) -> Neighbour:
        return self.crew[form.who]

    def at(self, address: str, *, offer: int = 0) -> str:
        named = {"request": self.request, "affiliation": self.affiliation, "need": self.need, "welcomed": self.welcomed}
        here = {"problem": self.problem, "post": self.post, "note": self.note, "network": self.network}
        here["ask"] = self.ask
        return address.format(**here, **named, offer=offer or self.offers[0])

    def usual(self, form: Form, number: int) -> dict[str, str]:
        """What the form needs besides to be right, the ``number``-th time it is sent."""
        fits = {"revision": str(number), "version": str(number), "to": ("exploring", "trying")[number % 2]}
        fits["contact_for"] = str(self.ada)
        fits["handle"] = f"newcomer-{self.problem}-{number}"
        return {one.name: fits[one.name] for one in form.fields if one.name in fits}

    async def prove(self, words: str) -> None:
        """A provider has told who the newcomer is, in words of its own."""
        async with self.desk.writing() as work:
            subject = f"{self.problem} {words}"
            proof = Proof("town", "https://issuer.example", subject, label=words, name=words, handle_hint=words)
            await keep_newcomer(work, proof, browser_hash=web.hashed(BROWSER), next_path="/")


#: Whether the form is on the page, with all its fields.
STANDS = "(forms, names) => forms.some((form) => names.every((name) => form.elements[name]))"
#: Takes away what the last try left, so that what comes next is seen to come.
CLEAR = "(all) => all.forEach((one) => one.remove())"


async def type_in(
    here: Town,
    form: Form,
    *kinds: Sequence[str],
    number: int = 1,
    offer: int = 0,
    preview: str = "",
    go: bool = True,
    mend: bool = False,
) -> None:
    """Fill a form in by hand, each field with another payload, and send it, with one of the ``kinds`` after the other.

    Where it still stands afterwards it is filled in again; what was refused to the end one may ``mend``, and send.
    """
    page, action = here.who(form).page, here.at(form.action, offer=offer)
    # Where it leads to on the page that follows ("#count") is no part of where it goes.
    box = page.locator(f'form[action="{action}"], form[action^="{action}#"]')
    refused = form.named("refused", "refused later")
    names = [one.name for one in form.fields]
    for kind in kinds:
        if go and (kind is kinds[0] or not await box.evaluate_all(STANDS, names)):
            await here.who(form).go(here.at(form.page, offer=offer))
        words = {one.name: one.fit(kind[turn % len(kind)]) for turn, one in enumerate(form.fields)}
        written: dict[str, str] = {}
        for one in form.fields:
            if one.kind in ("text", "textarea", "search"):
                field = box.locator(f'[name="{one.name}"]')
                await field.fill(written.setdefault(one.name, words[one.name]))
        written = dict(zip(written, await box.evaluate(VALUES, [*written]), strict=True))
        if preview:
            await page.locator(f"{preview} .prose").evaluate_all(CLEAR)
            await box.get_by_role("button", name="Preview").click()
            await expect(page.locator(f"{preview} .prose")).not_to_be_empty()
            await is_text(page)
        chosen = [one.name for one in form.fields if one.kind in ("hidden", "select-one", "radio", "checkbox", "date")]
        await box.evaluate(SET, {name: words[name] for name in chosen})
        await page.locator("#error-summary").evaluate_all(CLEAR)
        await box.get_by_role("button", name=form.button, exact=True).click()
        if refused:
            await expect(page.locator("#error-summary")).to_be_visible()
            await is_text(page)
            assert dict(zip(written, await box.evaluate(VALUES, [*written]), strict=True)) == written, form
        else:
            await went_through(page)
    if refused and mend:
        right = {one.name: one.usual for one in form.fields} | here.usual(form, number)
        for one in refused:
            field = box.locator(f'[name="{one.name}"]')
            if one.kind == "radio":
                await box.locator(f'[name="{one.name}"][value="{right[one.name]}"]').check()
            elif one.kind in ("text", "date"):
                await field.fill(right[one.name])
            elif one.kind == "hidden":
                await box.evaluate(SET, {one.name: right[one.name]})
        await box.get_by_role("button", name=form.button, exact=True).click()
        await went_through(page)


async def went_through(page: Page) -> None:
    """What was sent was taken, and the page that it led to is text."""
    await expect(page.locator("#error-summary")).to_have_count(0)
    await expect(page.locator("main h1")).to_be_visible()
    await is_text(page)
