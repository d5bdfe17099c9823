// Turns <time class="ago" datetime="…"> into words ("3 hours ago"); the exact time, which the server wrote, moves to its title.
(() => {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en-GB", { numeric: "auto" });
  const units = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const shown = new WeakMap();

  function inWords(seconds) {
    for (const [unit, length] of units) {
      if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
    }
    // Clocks differ by some seconds, so nothing here is called the future.
    return words.format(0, "second") === "now" ? "just now" : words.format(0, "second");
  }

  function say(time) {
    const at = Date.parse(time.dateTime);
    if (Number.isNaN(at)) return;
    // Text that is not ours came from the server since: it is the exact time.
    if (shown.get(time) !== time.textContent) time.title = time.textContent.trim();
    const text = inWords((at - Date.now()) / 1000);
    if (text !== time.textContent) time.textContent = text;
    shown.set(time, text);
  }

  function sayAll(root) {
    if (root.matches?.("time.ago")) say(root);
    root.querySelectorAll?.("time.ago").forEach(say);
  }

  sayAll(document.body);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) sayAll(node);
    }
  }).observe(document.body, { childList: true, subtree: true });
  setInterval(() => document.hidden || sayAll(document.body), 60_000);
  document.addEventListener("visibilitychange", () => document.hidden || sayAll(document.body));
})();
