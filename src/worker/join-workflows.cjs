// A webpack loader for the user's Workflow file: its exports and ours as one module. `?holdpoint-own` is the file as
// it was. CommonJS, so that both kinds of files are read, and a default export is kept.
module.exports = function joinWorkflows() {
  const { users, ours } = this.getOptions();
  return `
Object.defineProperty(exports, '__esModule', { value: true });
const users = require(${JSON.stringify(`${users}?holdpoint-own`)});
const ours = require(${JSON.stringify(ours)});
for (const name of Object.keys(ours))
  if (name in users && users[name] !== ours[name])
    throw new TypeError(
      'Your Workflow file exports "' + name + '", which is the name of a Workflow of Holdpoint. Rename yours.',
    );
Object.assign(exports, users, ours);
`;
};
