const vus = Number(__ENV.USERS);
export const options = { scenarios: { all: { executor: 'per-vu-iterations', vus } } };
export default function () {}
