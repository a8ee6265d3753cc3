// The module `k6/metrics`: custom metrics.
const gharial = globalThis[Symbol.for('gharial')];
const { host } = gharial;

const makeMetric = (kind, className) => {
  const classes = {
    [className]: class {
      #name;

      constructor(name, isTime) {
        if (!host.isInit()) {
          throw new Error('metrics must be declared in the init context, at the top of the script');
        }
        const problem = host.defineMetric(kind, name === undefined ? '' : String(name), Boolean(isTime));
        if (problem !== null) throw new Error(problem);
        this.#name = String(name);
      }

      get name() {
        return this.#name;
      }

      add(value, tags) {
        if (host.isInit()) {
          throw new Error('values cannot be added to metrics in the init context');
        }
        // As in k6: what converts to a number is one, but null is not 0.
        const number = value === null ? NaN : +value;
        if (Number.isNaN(number)) {
          const problem = `'${String(value)}' is an invalid value for the metric '${this.#name}'; a number or a boolean is needed`;
          if (host.throws()) throw new TypeError(problem);
          host.warn(problem);
          return false;
        }
        let extra = null;
        if (tags !== undefined && tags !== null) {
          const plain = {};
          for (const key of Object.keys(tags)) plain[key] = String(tags[key]);
          extra = JSON.stringify(plain);
        }
        host.addToMetric(this.#name, number, extra);
        return true;
      }
    },
  };
  return gharial.callable?.(classes[className]) ?? classes[className];
};

export const Counter = makeMetric('counter', 'Counter');
export const Gauge = makeMetric('gauge', 'Gauge');
export const Rate = makeMetric('rate', 'Rate');
export const Trend = makeMetric('trend', 'Trend');
export default { Counter, Gauge, Rate, Trend };
