// Lets a thousand timers of a second each run in every virtual user.
export default function () {
  for (let i = 0; i < Number(__ENV.SOCKETS); i++) setTimeout(() => setInterval(() => {}, 1000), i);
}
