// Stands for a module of Node that the sandbox does not have, where a package imports one: it is told when the package
// uses it, and not because it might.

function refusal(name, member) {
  const error = new Error(`${name}.${member} was used, and Node's module '${name}' is not there in the sandbox`);
  return Object.assign(error, { code: 'ERR_MODULE_NOT_AVAILABLE' });
}

/** A module of which everything can be taken, and nothing called. `own` is what there is after all. */
module.exports = function absent(name, own = {}) {
  const members = new Map(Object.entries(own));
  const get = (_, member) => {
    if (typeof member === 'symbol' || member === '__esModule' || member === 'then') return undefined;
    if (!members.has(member)) {
      members.set(member, function () {
        throw refusal(name, member);
      });
    }
    return members.get(member);
  };
  // Inherited, as bundlers copy what is a module's own.
  return Object.create(new Proxy({}, { get, has: () => true }));
};
