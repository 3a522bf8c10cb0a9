/**
 * The first script of a meeting's page, and all that is there while the others are still on their way: a tap on Join is
 * remembered, and the page joins as soon as it can.
 */
addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-part="join"]') : null;
  if (button !== null) document.documentElement.dataset.tapped = 'join';
}, { capture: true });
