/**
 * Sets data-theme on <html> to what the person chose, or else to what the system says; keeps it so.
 * A file of its own, loaded first: it must run before the first paint, and the security policy forbids inline scripts.
 * The settings page writes `sconce.theme` (light | dark | absent) and fires `sconce:theme`; this file does the rest.
 */
(function () {
  var dark = matchMedia('(prefers-color-scheme: dark)');

  function chosen() {
    try {
      var stored = localStorage.getItem('sconce.theme');
      return stored === 'light' || stored === 'dark' ? stored : null;
    } catch {
      return null; // Storage can be forbidden; the system's choice is a good one.
    }
  }

  function apply() {
    var theme = chosen();
    document.documentElement.dataset.theme = theme || (dark.matches ? 'dark' : 'light');
    document.querySelectorAll('meta[name="theme-color"]').forEach(function (meta) {
      var own = meta.dataset.for;
      meta.media = theme ? (own === theme ? 'all' : 'not all') : '(prefers-color-scheme: ' + own + ')';
    });
  }

  apply();
  dark.addEventListener('change', apply);
  addEventListener('sconce:theme', apply);
  addEventListener('storage', apply); // chosen in another tab
})();
