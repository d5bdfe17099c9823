// While one types in the search: the address says what is shown, so that it can be shared and gone back to, who does not see hears it,
// and whoever is among the results already stays where they are.
(() => {
  const announce = (said) => { const announcer = document.getElementById("announcer"); if (announcer && said) announcer.textContent = said; };

  // A page that was narrowed is another one, with the focus where it was: its count is said, once it can be heard.
  if (/^#(kind-|chosen-|narrow$)/.test(location.hash)) setTimeout(() => announce(document.getElementById("found")?.dataset.said), 600);

  // The same link among other results: what was typed stands in the address of some.
  function meant(link) {
    const url = new URL(link.getAttribute("href") ?? "", location);
    if (url.pathname === location.pathname) url.searchParams.delete("q");
    return link.id || url.pathname + url.search + url.hash;
  }
  let stay = null;
  document.addEventListener("htmx:before:swap", () => {
    const found = document.getElementById("found");
    const held = found?.contains(document.activeElement) ? document.activeElement : null;
    const isOpen = found?.querySelector(".facets")?.open;
    const same = held && meant(held);
    const before = held?.getBoundingClientRect().top;
    stay = () => {
      const now = document.getElementById("found");
      const facets = now?.querySelector(".facets");
      if (isOpen && facets) facets.open = true;
      if (!held || held.isConnected) return;
      const there = [...now.querySelectorAll("a, summary")].find((one) => meant(one) === same);
      if (!there) { document.getElementById("count")?.focus(); return; }
      there.focus({ preventScroll: true });
      scrollBy({ top: there.getBoundingClientRect().top - before, behavior: "instant" });
    };
  });
  document.addEventListener("htmx:after:swap", () => {
    stay?.();
    stay = null;
    const found = document.getElementById("found");
    const { address, said } = found?.dataset ?? {};
    if (!address || address === location.pathname + location.search) return;
    history.replaceState(history.state, "", address);
    const words = new URL(address, location).searchParams.get("q");
    document.title = (words ? `Search for ${words}` : "Search") + document.title.slice(document.title.lastIndexOf(" · "));
    announce(said);
  });
})();
