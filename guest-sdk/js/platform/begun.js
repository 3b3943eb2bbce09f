// Whether an attempt runs, or the component is being built.

let begun = false;

export const hasBegun = () => begun;

export function setBegun() {
  begun = true;
}
