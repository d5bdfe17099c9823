// Forms that are sent without leaving the page: what one types meanwhile stays, and one sees it when the board could not take it.
(() => {
  const AWAY = "It could not be sent just now: try again in a moment.";
  const KEPT = "It could not be sent just now. What you wrote is still here: try again in a moment.";
  const announcer = document.getElementById("announcer");
  const line = document.querySelector(".connection");
  const composer = () => document.querySelector("#composer form");
  // By request: the composer's words as they went out, and where one was when the answer took its place.
  const sent = new WeakMap();
  const left = new WeakMap();
  let told = null;

  // What a page fetches for itself was sent by nobody: neither its beginning nor its failure says anything of what was.
  const byItself = (ctx) => ctx?.sourceElement?.matches?.("[hx-trigger^=load], [hx-trigger=hinted], [hx-trigger^=part-changed]");

  function tell(source, words) {
    told = source?.closest?.("form")?.querySelector(".draft-state") ?? line;
    told.textContent = words;
    told.dataset.told = "";
    // What was refused is still unsent: the draft saves itself again.
    source?.closest?.("form")?.querySelector("textarea")?.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A double click means one press: the second may arrive when the form is empty again already.
  document.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest?.("button[type=submit]")) event.preventDefault();
  }, true);

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (byItself(ctx)) return;
    const form = ctx?.sourceElement?.closest?.("form");
    if (form && form === composer()) sent.set(ctx, form.elements.words.value);
    if (told) told.textContent = "";
    told = form?.querySelector(".draft-state") ?? null;
    if (told) { told.textContent = "Sending…"; delete told.dataset.told; }
  });
  document.addEventListener("htmx:error", (event) => {
    const source = event.detail.ctx?.sourceElement;
    if (event.detail.ctx && !byItself(event.detail.ctx)) tell(source, source?.closest?.("form")?.querySelector("textarea") ? KEPT : AWAY);
  });

  // Newer words go into the answer before it takes the form's place: there is no moment in which a key could be lost.
  document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
    const form = composer();
    const answer = tasks.map((task) => task.fragment).find((fragment) => fragment?.querySelector?.("#composer form"));
    if (!form || !answer) return;
    const { words } = form.elements;
    const newer = words.value !== (sent.get(ctx) ?? words.defaultValue);
    if (newer) {
      answer.querySelector("#error-summary")?.removeAttribute("autofocus");
      answer.querySelector("#composer form").elements.words.value = words.value;
    }
    left.set(ctx, { newer, within: form.contains(document.activeElement), writing: document.activeElement === words });
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (byItself(ctx)) return announcer.querySelector(".flash")?.remove();
    const was = left.get(ctx);
    const form = composer();
    if (told?.textContent === "Sending…") told.textContent = "";
    const summary = document.getElementById("error-summary");
    // What there is to mend takes the focus, but not from somebody who writes on.
    if (ctx?.request && summary && !(was?.newer && was.writing)) summary.focus();
    if (was && form) {
      const { words } = form.elements;
      if (was.newer) words.dispatchEvent(new Event("input", { bubbles: true }));
      if (was.within && !summary) {
        // The one who has just pressed the button goes on where the next words go.
        if (document.activeElement === document.body) words.focus({ preventScroll: true });
        form.querySelector(".draft-state").textContent = "Posted.";
      }
    }
    const refused = announcer.querySelector(".flash");
    if (refused) { tell(ctx?.sourceElement, refused.textContent); refused.remove(); }
  });
})();
