// Says quietly that the line is gone, and that it is back. The live socket marks <body data-connection="lost">, or "ended" with the session;
// the browser itself tells when the whole device is offline, which is marked <body data-network="offline">.
(() => {
  const line = document.querySelector(".connection");
  if (!line) return;
  let gone = false;
  let tidy;

  function tell() {
    const { connection, network } = document.body.dataset;
    const words = network === "offline" ? line.dataset.offline : connection === "lost" ? line.dataset.lost : connection === "ended" ? line.dataset.ended : "";
    clearTimeout(tidy);
    if (words) {
      line.textContent = words;
    } else if (gone) {
      line.textContent = line.dataset.back;
      tidy = setTimeout(() => { line.textContent = ""; }, 4000);
    }
    gone = Boolean(words);
  }

  function notice() {
    if (navigator.onLine) delete document.body.dataset.network;
    else document.body.dataset.network = "offline";
  }

  new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ["data-connection", "data-network"] });
  addEventListener("online", notice);
  addEventListener("offline", notice);
  notice();
  tell();
})();
