// While one types in the search: the address says what is shown, so that it can be shared and gone back to, and who does not see hears it.
document.addEventListener("htmx:after:swap", () => {
  const found = document.getElementById("found");
  const { address, said } = found?.dataset ?? {};
  if (!address || address === location.pathname + location.search) return;
  history.replaceState(history.state, "", address);
  const announcer = document.getElementById("announcer");
  if (announcer && said) announcer.textContent = said;
});
