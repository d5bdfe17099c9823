// One-key shortcuts: "/" search, "?" the list of them, "j" and "k" down and up the notices or posts, "n" a new problem.
// They can be turned off in that list (WCAG 2.1.4), because a stray key must not act for people who dictate.
(() => {
  const SETTING = "civicboard.shortcuts";
  const list = document.getElementById("shortcuts");
  const opener = document.getElementById("shortcuts-open");
  const choice = document.getElementById("shortcuts-on");
  if (!list || !opener || !choice) return;

  // Storage is refused in some private windows: then the shortcuts are simply on.
  function wanted() {
    try { return localStorage.getItem(SETTING) !== "off"; } catch { return true; }
  }
  function remember(on) {
    try { localStorage.setItem(SETTING, on ? "on" : "off"); } catch { /* they stay as they are */ }
  }

  let on = wanted();
  choice.checked = on;
  choice.addEventListener("change", () => remember((on = choice.checked)));
  opener.hidden = false;
  opener.addEventListener("click", () => list.showModal());

  function search() {
    const field = [...document.querySelectorAll("main input[type=search]")].find((one) => one.checkVisibility());
    if (field) field.focus();
    else location.assign("/search");
  }

  function move(step) {
    const all = [...document.querySelectorAll("main :is(.notice, .post, .update)")].filter((one) => one.checkVisibility());
    if (!all.length) return;
    const here = all.findIndex((one) => one.contains(document.activeElement));
    let there = here + step;
    if (here < 0) {
      const inView = all.findIndex((one) => one.getBoundingClientRect().bottom > 0);
      there = inView < 0 ? all.length - 1 : inView;
    }
    const next = all[Math.max(0, Math.min(there, all.length - 1))];
    const heading = next.querySelector(":is(h2, h3, h4) a");
    if (!heading) next.tabIndex = -1;
    (heading ?? next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const deeds = {
    "/": search,
    "?": () => list.showModal(),
    "j": () => move(1),
    "k": () => move(-1),
    "n": () => location.assign("/problems/new"),
  };

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".masthead details[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    if (!on || event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (typing || document.querySelector("dialog[open]") || !Object.hasOwn(deeds, event.key)) return;
    event.preventDefault();
    deeds[event.key]();
  });
})();
