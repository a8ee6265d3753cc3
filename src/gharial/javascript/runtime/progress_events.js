// ProgressEvent. Leaves in `gharial`: progressEvent. Source: the XMLHttpRequest standard,
// section 5.
(function (gharial) {
  'use strict';
  gharial.load('event_classes');
  const { STATE, attribute, eventPrototype, define } = gharial.eventCore;
  const KIND = 'progress';
  const prototype = { __proto__: eventPrototype };

  define('ProgressEvent', gharial.Event, prototype, KIND, (init) => {
    const { lengthComputable = false, loaded = 0, total = 0 } = init;
    return [!!lengthComputable, +loaded, +total];
  });
  ['lengthComputable', 'loaded', 'total'].forEach((name, index) => {
    attribute(prototype, name, $EVENT_OWN + index, KIND);
  });

  // A total of 0 is one that is not known.
  gharial.progressEvent = (type, loaded, total) => ({
    __proto__: prototype,
    [STATE]: [
      KIND, type, gharial.host.nowMs(), $BY_PLATFORM, null, null, total !== 0, loaded, total,
    ],
  });
})
