// What one writes saves itself: a form with data-draft is sent to /drafts/<name> a moment after the last key.
(() => {
  const timers = new WeakMap();
  async function save(form) {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && !["csrf", "key", "do", "of"].includes(name)) fields.append(name, value);
    const state = form.querySelector(".draft-state");
    try {
      const answer = await fetch(`/drafts/${form.dataset.draft}`, { method: "PUT", body: fields, headers: { "X-CSRF-Token": form.elements.csrf?.value ?? "" } });
      if (!answer.ok) throw new Error(answer.status);
      const now = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      if (state && form.isConnected) state.textContent = `Draft saved ${now}`;
    } catch {
      if (state && form.isConnected) state.textContent = "The draft could not be saved just now. It stays on this page.";
    }
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-draft]");
    if (!form) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form), 900));
  });
  document.addEventListener("submit", (event) => clearTimeout(timers.get(event.target)), true);
})();
