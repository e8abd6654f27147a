/* Says what is missing when the page cannot run. Written for browsers of any age: no module, no new syntax. */
(function () {
  function show(what) {
    var notice = document.getElementById('unsupported');
    if (!notice || document.documentElement.getAttribute('data-started')) return;
    var places = notice.querySelectorAll('.missing');
    for (var index = 0; index < places.length; index++) places[index].textContent = what;
    notice.hidden = false;
  }
  var missing = [];
  if (!('noModule' in document.createElement('script'))) missing.push('JavaScript modules');
  if (!window.Worker) missing.push('Web Workers');
  if (!window.BigInt || !window.structuredClone || !Array.prototype.toSorted) missing.push('ES2023');
  if (!window.HTMLDialogElement) missing.push('<dialog>');
  if (missing.length > 0) show(missing.join(', '));
  /* Syntax that the browser does not know: the page's script never starts. */
  window.addEventListener('error', function (event) {
    if (event && /SyntaxError/.test(String(event.message))) show('ES2023');
  });
})();
