// What is for each viewer another is not sent over the socket: a hint comes, and the page fetches its own. Not all pages
// at once, and not for each hint: one that follows waits with the first.
(() => {
  const SOONEST = 150;
  const waiting = new Set();
  function fetchSoon(hint) {
    const { id } = hint;
    if (!id || waiting.has(id)) return;
    waiting.add(id);
    const asking = hint.cloneNode(true);
    setTimeout(() => {
      waiting.delete(id);
      let now = document.getElementById(id);
      if (!now) return;
      // What an earlier hint had fetched has come meanwhile, and may have been read before this one: ask again.
      if (!now.dataset.hint) {
        now.replaceWith(asking);
        htmx.process(asking);
        now = asking;
      }
      delete now.dataset.hint;
      now.dispatchEvent(new Event("hinted"));
    }, SOONEST + Math.random() * Number(hint.dataset.hint));
  }
  const look = () => document.querySelectorAll("[data-hint]").forEach(fetchSoon);
  document.addEventListener("htmx:ws:after:message:incoming", look);
  document.addEventListener("htmx:after:swap", look);
})();
