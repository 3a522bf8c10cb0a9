/**
 * How a part finds its elements: by `data-part`, with the class that it expects.
 *
 * A part enhances what the server rendered; it never builds a page of its own.
 */

/** An element that a part needs is missing from the page or is of another kind. */
export class PartError extends Error {}

/**
 * The element with `data-part="name"` inside `root`.
 *
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => E} kind the class it must have, `HTMLButtonElement` for instance
 * @returns {E}
 * @throws {PartError} if the page has no such element
 */
export function part(root, name, kind) {
  const found = optionalPart(root, name, kind);
  if (found === null) throw new PartError(`the page has no ${kind.name} with data-part="${name}"`);
  return found;
}

/**
 * Like `part`, for what only some pages have.
 *
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} name
 * @param {new () => E} kind
 * @returns {E | null}
 */
export function optionalPart(root, name, kind) {
  const found = root.querySelector(`[data-part="${name}"]`);
  return found instanceof kind ? found : null;
}

/**
 * A copy of the single element inside `<template data-part="name">`.
 *
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement}
 * @throws {PartError} if the template is missing or empty
 */
export function copyOf(root, name) {
  const first = part(root, name, HTMLTemplateElement).content.firstElementChild;
  if (!(first instanceof HTMLElement)) throw new PartError(`the template "${name}" is empty`);
  return /** @type {HTMLElement} */ (document.importNode(first, true));
}
