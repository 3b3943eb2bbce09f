// What the builder tells the program that runs it.

/** Something that ends the build. `kind` is 'project' where its author is to act, 'tools' where the machine lacks something. */
export class Problem extends Error {
  constructor(message, { details = '', cure = '', kind = 'project' } = {}) {
    super(message);
    Object.assign(this, { details, cure, kind });
  }
}

export function tell(event, fields) {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}
