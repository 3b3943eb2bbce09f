// Texts with stacks in them, for people: positions in the bundle become positions in the project's files.

// The SDK's own part that knows the source map is there only once the platform is.
let translate = (text) => text;

/** Has texts with positions in the bundle translated by this from now on. */
export function translateWith(function_) {
  translate = function_;
}

/** The text as people want it. */
export function readable(text) {
  return text.includes('isolet:bundle:') ? translate(text) : text;
}
