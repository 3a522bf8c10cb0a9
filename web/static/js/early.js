/**
 * The first script of a meeting's page, and all that is there while the others are still on their way: a tap on Join is
 * remembered, and the page joins as soon as it can. A browser that cannot do video at all is told apart here, in words that
 * the oldest understands.
 */
(function () {
  var html = document.documentElement;
  if (!('noModule' in HTMLScriptElement.prototype) || !('RTCPeerConnection' in window)) html.setAttribute('data-video', 'none');
  addEventListener('click', function (event) {
    var button = event.target instanceof Element ? event.target.closest('[data-part="join"]') : null;
    if (button !== null) html.setAttribute('data-tapped', 'join');
  }, true);
}());
