// What comes over the socket: lets it glow, says it, counts what waits, and keeps the page where one is reading.
(() => {
  let cursor = document.body.dataset.cursor;
  // A word that was said once goes out of the address, so that a copied link doesn't say it to somebody else; so does
  // what a provider adds on the way back from signing out.
  const address = new URL(location.href);
  const once = ["said", "state"].filter((name) => address.searchParams.has(name));
  for (const name of once) address.searchParams.delete(name);
  if (once.length) history.replaceState(null, "", address);
  const flash = document.querySelector(".flash-holder");
  if (flash) setTimeout(() => flash.classList.remove("flash-holder"), 12000);

  const announcer = document.getElementById("announcer");

  // The socket's address carries the page's cursor, so that on every connection it is sent just what it missed.
  function pointAt(connection) {
    const url = new URL(connection.url);
    if (cursor) url.searchParams.set("cursor", cursor);
    askForOwn(url.searchParams);
    connection.url = url.href;
  }
  // Besides its own topic each page of somebody signed in hears what is theirs alone. Where that is refused, the session
  // may be over: then the page goes on with what is everybody's.
  const own = document.body.dataset.viewer && `person:${document.body.dataset.viewer}`;
  let failed = 0;
  function askForOwn(asked) {
    const others = asked.getAll("on").filter((topic) => topic !== own);
    if (!own || !others.length) return;
    asked.delete("on");
    for (const topic of failed < 2 ? [...others, own] : others) asked.append("on", topic);
  }
  document.addEventListener("htmx:ws:before:connection", (event) => pointAt(event.detail.connection));
  document.addEventListener("htmx:ws:after:connection", () => { document.body.dataset.connection = "open"; failed = 0; });
  document.addEventListener("htmx:ws:close", (event) => {
    if (event.detail.reason === "closed" && event.detail.code === 1006) failed += 1;
    if (event.detail.code === 4001) { document.body.dataset.connection = "ended"; return; }
    // What one may watch has changed: a fresh page shows what that leaves.
    if (event.detail.code === 4003) refresh();
    if (!document.hidden && event.detail.reason === "closed") document.body.dataset.connection = "lost";
    pointAt(event.detail.connection);
  });

  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    let message;
    try { message = JSON.parse(event.detail.message.data); } catch { event.detail.cancelled = true; return; }
    // Away for so long that the page can't be patched: it fetches itself, unless somebody is writing on it.
    if (message.stale) { event.detail.cancelled = true; refresh(); return; }
    anchor = keepPlace();
    focus = keepFocus();
  });
  document.addEventListener("htmx:ws:after:message:incoming", (event) => {
    const message = JSON.parse(event.detail.message.data);
    if (message.cursor) { cursor = message.cursor; document.body.dataset.cursor = cursor; pointAt(event.detail.connection); }
    settle(message.keys || []);
    focus?.();
    anchor?.();
    // Nobody is told of what their page doesn't show.
    const heard = (message.say || []).filter(([key]) => document.getElementById(key)).map(([, words]) => words);
    if (heard.length) announcer.textContent = heard.slice(-3).join(" ");
  });

  // Whatever arrives, the field somebody writes in stays where it is on the screen.
  let anchor = null;
  function keepPlace() {
    const held = document.activeElement?.closest("form") && document.activeElement;
    if (!held) return null;
    const before = held.getBoundingClientRect().top;
    return () => { if (held.isConnected) window.scrollBy(0, held.getBoundingClientRect().top - before); };
  }

  // And whoever is on a link or a button of something that is shown anew is on the same one afterwards.
  let focus = null;
  function keepFocus() {
    const held = document.activeElement;
    const block = held?.closest("main [id]");
    if (!block) return null;
    const says = (one) => one.getAttribute("href") ?? one.textContent;
    const isShown = (one) => one.isConnected && one.getClientRects().length > 0;
    return () => {
      if (isShown(held)) return;
      const now = document.getElementById(block.id);
      const same = now && held !== block && [...now.querySelectorAll(held.localName)].find((one) => isShown(one) && says(one) === says(held));
      if (now && !same) now.tabIndex = -1;
      (same || now)?.focus({ preventScroll: true });
    };
  }

  const pill = document.getElementById("arrived");
  const waiting = new Set();
  const inView = (element) => { const box = element.getBoundingClientRect(); return box.bottom > 0 && box.top < innerHeight; };
  function glow(element) { element.classList.add("just-moved"); setTimeout(() => element.classList.remove("just-moved"), 2600); }

  // The board: what is new waits among the arrivals, and goes up by itself only for those who are at the top anyway.
  const notices = document.getElementById("notices");
  const arrivals = document.getElementById("arrivals");
  const board = document.getElementById("board");
  function fits(notice) {
    const { stage, place, tag, needs, need } = board.dataset;
    return (!stage || notice.dataset.stage === stage) && (!place || place.includes(`|${notice.dataset.place}|`)) &&
      (!tag || notice.dataset.tags.includes(`|${tag}|`)) && (!needs || notice.dataset.needs) && (!need || notice.dataset.kinds.includes(`|${need}|`));
  }
  // A notice that one may be reading doesn't vanish: it says itself that it has moved on.
  function movedOn(notice) {
    const word = document.createElement("p");
    word.className = "meta moved-on";
    word.textContent = "It has moved on, and is no longer among what you chose.";
    notice.querySelector("footer").before(word);
  }
  function settle(keys) {
    for (const key of keys) {
      const element = document.getElementById(key);
      if (!element || element.closest("[hidden]")) continue;
      glow(element);
      if (notices?.contains(element) && !fits(element)) movedOn(element);
      if (element.closest("#thread") && !seen.has(key)) { seen.add(key); if (!inView(element)) waiting.add(key); }
    }
    dropHints();
    const said = document.getElementById("said");
    while (said?.children.length > 6) said.lastElementChild.remove();
    const title = document.querySelector("#problem h1");
    if (title) document.title = title.textContent + document.title.slice(document.title.lastIndexOf(" · "));
    if (arrivals) {
      const { first, mine, sort } = board.dataset;
      // What did not move (an offer taken back, say) and stands further down than this page is no news.
      const oldest = notices.children.length ? Math.min(...[...notices.children].map((notice) => Number(notice.dataset.order))) : 0;
      for (const notice of [...arrivals.children]) {
        if (!first || mine || sort !== "moved" || !fits(notice) || Number(notice.dataset.order) < oldest) notice.remove();
      }
      const reading = scrollY > 40 || notices.contains(document.activeElement);
      if (!reading) showArrivals();
      count(arrivals.children.length, "problem");
    } else count(waiting.size, "post");
  }
  // "Nobody has said anything yet" goes as soon as that is untrue.
  function dropHints() {
    for (const hint of document.querySelectorAll(".empty-hint")) if (hint.parentElement.querySelector(":is(#thread, #offers, #said, #told) > *")) hint.remove();
  }
  const seen = new Set([...document.querySelectorAll("#thread > *")].map((element) => element.id));
  function showArrivals() {
    if (!arrivals.children.length) return;
    document.querySelector(".board > .empty")?.remove();
    for (const notice of [...arrivals.children].sort((a, b) => a.dataset.order - b.dataset.order)) { notices.prepend(notice); glow(notice); }
  }
  function count(many, noun) {
    if (!pill) return;
    pill.hidden = !many;
    pill.textContent = many ? `${many} new ${noun}${many === 1 ? "" : "s"}` : "";
  }
  pill?.addEventListener("click", () => {
    if (arrivals) { showArrivals(); count(0); notices.querySelector("a")?.focus({ preventScroll: true }); scrollTo({ top: notices.offsetTop - 120 }); return; }
    const [first] = waiting;
    waiting.clear(); count(0);
    const post = document.getElementById(first);
    post?.scrollIntoView({ block: "center" });
    post?.querySelector("a")?.focus({ preventScroll: true });
  });
  addEventListener("scroll", () => {
    let changed = false;
    for (const key of [...waiting]) { const post = document.getElementById(key); if (!post || inView(post)) changed = waiting.delete(key); }
    if (changed) count(waiting.size, "post");
  }, { passive: true });

  // Not again at once, whatever the board says: a page must not go round in circles.
  function refresh() {
    const writing = [...document.querySelectorAll("textarea")].some((area) => area.value !== area.defaultValue);
    const last = Number(sessionStorage.getItem("refreshed") ?? 0);
    if (!writing && Date.now() - last > 30_000) { sessionStorage.setItem("refreshed", Date.now()); location.reload(); return; }
    if (!pill) return;
    pill.hidden = false;
    pill.textContent = "Much has happened. Load the page again";
    pill.addEventListener("click", () => location.reload(), { once: true, capture: true });
  }

  // After an answer to a form: one's own post is not news to oneself.
  document.addEventListener("htmx:after:swap", (event) => {
    if (!event.detail.ctx?.request) return; // what came over the socket is news
    for (const element of document.querySelectorAll("#thread > *")) seen.add(element.id);
    dropHints();
  });
})();
