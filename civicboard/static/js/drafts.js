// What one writes saves itself: a form with data-draft is sent to /drafts/<name> a moment after the last key, and when one leaves.
(() => {
  const timers = new WeakMap();
  const sending = new WeakMap();
  const waiting = new Set();

  async function save(form, leaving = false) {
    forget(form);
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && !["csrf", "key", "do", "of", "contact", "contact_for"].includes(name)) fields.append(name, value);
    const request = new AbortController();
    sending.set(form, request);
    try {
      const answer = await fetch(`/drafts/${form.dataset.draft}`, {
        method: "PUT", body: fields, headers: { "X-CSRF-Token": form.elements.csrf?.value ?? "" }, signal: request.signal, keepalive: leaving,
      });
      if (!answer.ok) throw new Error(answer.status);
      const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      say(form, `Draft saved ${now}`);
    } catch {
      if (request.signal.aborted) return;
      say(form, "The draft could not be saved just now. It stays on this page.");
    }
  }

  // That the form itself could not be sent weighs more than what becomes of its draft.
  function say(form, words) {
    const state = form.querySelector(".draft-state");
    if (state && form.isConnected && !("told" in state.dataset)) state.textContent = words;
  }

  // No save that has begun may arrive after what replaces it: a newer one, or the form itself.
  function forget(form) {
    clearTimeout(timers.get(form));
    waiting.delete(form);
    sending.get(form)?.abort();
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    if (event.isTrusted) delete form.querySelector(".draft-state")?.dataset.told;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 900));
    waiting.add(form);
  });
  document.addEventListener("submit", (event) => forget(event.target), true);
  addEventListener("pagehide", () => { for (const form of [...waiting]) if (form.isConnected) save(form, true); });
})();
