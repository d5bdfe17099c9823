// Forms that are sent without leaving the page: what one types meanwhile stays, and one sees it when the board could not take it.
(() => {
  const AWAY = "It could not be sent just now. What you wrote is still here: try again in a moment.";
  const announcer = document.getElementById("announcer");
  const line = document.querySelector(".connection");
  const composer = () => document.querySelector("#composer form");
  // What a form's words were when it was last sent; before that, what the server had put there.
  const sent = new WeakMap();
  let told = null;
  let left = null;

  function tell(source, words) {
    told = source?.closest?.("form")?.querySelector(".draft-state") ?? line;
    told.textContent = words;
    // What was refused is still unsent: the draft saves itself again.
    source?.closest?.("form")?.querySelector("textarea")?.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("htmx:before:request", (event) => {
    const form = composer();
    if (form) sent.set(form, form.elements.words.value);
    if (told) told.textContent = "";
    told = event.detail.ctx?.sourceElement?.closest?.("form")?.querySelector(".draft-state") ?? null;
    if (told) told.textContent = "Sending…";
  });
  document.addEventListener("htmx:error", (event) => { if (event.detail.ctx) tell(event.detail.ctx.sourceElement, AWAY); });

  document.addEventListener("htmx:before:swap", () => {
    const form = composer();
    if (!form) return;
    const { words } = form.elements;
    left = { form, value: words.value, newer: words.value !== (sent.get(form) ?? words.defaultValue), writing: document.activeElement === words,
      within: form.contains(document.activeElement), from: words.selectionStart, to: words.selectionEnd };
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const form = composer();
    if (left && form && form !== left.form) {
      const { words } = form.elements;
      if (left.newer) {
        document.getElementById("error-summary")?.remove();
        words.value = left.value;
        words.dispatchEvent(new Event("input", { bubbles: true }));
      }
      // The one who has just pressed the button goes on where the next words go, unless there is something to mend first.
      if (left.within && !document.getElementById("error-summary")) words.focus({ preventScroll: true });
      if (left.newer && left.writing) words.setSelectionRange(left.from, left.to);
    }
    if (told?.textContent === "Sending…") told.textContent = "";
    if (left?.within && form && form !== left.form && !document.getElementById("error-summary")) form.querySelector(".draft-state").textContent = "Posted.";
    left = null;
    const refused = announcer.querySelector(".flash");
    if (refused) { tell(event.detail.ctx?.sourceElement, refused.textContent); refused.remove(); }
  });
})();
