// Each user evaluates a client library that was bundled into one file next to this one.
import * as library from './bundle.js';
const vus = Number(__ENV.USERS);
export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus } } };
export default function () {
  if (Object.keys(library).length === 0) throw new Error('the library exports nothing');
}
